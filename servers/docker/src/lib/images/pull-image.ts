import {
  type CommandStepResult,
  FlotillaError,
  isFlotillaError,
  type JobContext,
  type Progress,
} from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { saidBy } from '../compose/command-problem.ts';
import { withEngine } from '../engine/index.ts';
import { registryAuth } from '../update/registry-auth.ts';
import { imagePath } from './image.ts';
import { followTransfer, type Transferred } from './pull.ts';

export type TransferKind = 'pull' | 'push';

/**
 * Pulls or pushes an image, with progress and the docker login of the account on the host. Where the registry refuses
 * that, the client on the host tries: it knows further ways to log in.
 */
export async function transferImage(
  job: JobContext,
  alias: string,
  kind: TransferKind,
  image: string,
): Promise<Transferred> {
  const byApi = await job.step.repeatable(
    `${kind}-api`,
    async ({ signal, progress }): Promise<Transferred | { client: string }> => {
      const report = (update: Progress): void => progress(update);
      return withEngine(job, alias, async (engine) => {
        try {
          const [path, query] = pathOf(kind, image);
          const auth = await registryAuth({ hosts: job.hosts, signal }, alias)(image);
          return await followTransfer(engine, path, { query, signal, auth }, report);
        } catch (error) {
          const { client } = engine.route;
          if (isFlotillaError(error) && error.code === 'DENIED' && client !== undefined) return { client };
          throw error;
        }
      });
    },
    { alias },
  );
  if (!('client' in byApi)) return byApi;
  const result = await job.step.command(`${kind}-client`, alias, {
    command: `${byApi.client} ${kind} -- ${quote(image)}`,
    timeoutMs: 3_600_000,
  });
  if (result.exitCode !== 0) throw clientFailed(alias, result);
  const digest = /sha256:[0-9a-f]{64}/.exec(result.stdout.text)?.[0];
  return { status: saidBy(result.stdout.text.trim().split('\n').at(-1) ?? ''), ...(digest && { digest }) };
}

function pathOf(
  kind: TransferKind,
  image: string,
): [path: string, query: Record<string, string | undefined>] {
  const { name, tag } = splitReference(image);
  if (kind === 'pull') return ['/images/create', { fromImage: name, tag }];
  return [imagePath(name, '/push'), { tag }];
}

/** `name:tag` or `name@digest` in two; without either the tag is `latest`. */
export function splitReference(image: string): { name: string; tag: string } {
  const at = image.indexOf('@');
  if (at !== -1) return { name: image.slice(0, at), tag: image.slice(at + 1) };
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon === -1
    ? { name: image, tag: 'latest' }
    : { name: image.slice(0, colon), tag: image.slice(colon + 1) };
}

const clientFailed = (alias: string, { stderr, timedOut }: CommandStepResult): FlotillaError =>
  new FlotillaError(
    timedOut ? 'TIMEOUT' : 'DENIED',
    'The registry refused, also with the logins of the host.',
    {
      details: { alias, remote: saidBy(stderr.text) },
      hint: 'Log in on the host: docker login REGISTRY.',
    },
  );
