import { isFlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';

const MAX_BYTES = 256 * 1024;
const DOCKER_HUB = 'https://index.docker.io/v1/';

const Config = z.object({
  auths: z
    .record(z.string(), z.looseObject({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
const Helped = z.object({ Username: z.string(), Secret: z.string() });

/** `X-Registry-Auth` for an image, from the docker login of the host; undefined when there is none. */
export type RegistryAuth = (reference: string) => Promise<string | undefined>;

/** The registry of a reference: its first part when that looks like a host, else Docker Hub. */
export function registryOf(reference: string): string {
  const [first, rest] = [reference.split('/')[0] ?? '', reference.includes('/')];
  const host = rest && (first.includes('.') || first.includes(':') || first === 'localhost');
  return host ? first : DOCKER_HUB;
}

/** Reads `~/.docker/config.json` of the login, once; a login kept by a helper is asked for on the host. */
export function registryAuth(context: Pick<ToolContext, 'hosts' | 'signal'>, alias: string): RegistryAuth {
  let reading: Promise<z.infer<typeof Config>> | undefined;
  return async (reference) => {
    reading ??= readConfig(context, alias);
    const config = await reading;
    const registry = registryOf(reference);
    const helper = config.credHelpers?.[registry] ?? config.credsStore;
    const entry =
      config.auths?.[registry] ??
      config.auths?.[`https://${registry}`] ??
      config.auths?.[`https://${registry}/v1/`];
    if (helper !== undefined) return askHelper(context, alias, helper, registry);
    if (entry?.identitytoken) return encode({ identitytoken: entry.identitytoken, serveraddress: registry });
    const plain = Buffer.from(entry?.auth ?? '', 'base64').toString('utf8');
    const colon = plain.indexOf(':');
    if (colon < 1) return undefined;
    return encode({
      username: plain.slice(0, colon),
      password: plain.slice(colon + 1),
      serveraddress: registry,
    });
  };
}

async function readConfig(context: Pick<ToolContext, 'hosts' | 'signal'>, alias: string) {
  try {
    const files = await context.hosts.files(alias);
    const bytes = await files.read('~/.docker/config.json', { length: MAX_BYTES, signal: context.signal });
    return Config.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if (isFlotillaError(error) && (error.code === 'CANCELLED' || error.code === 'CONNECTION_FAILED'))
      throw error;
    return {};
  }
}

async function askHelper(
  { hosts, signal }: Pick<ToolContext, 'hosts' | 'signal'>,
  alias: string,
  helper: string,
  registry: string,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_-]{1,50}$/.test(helper)) return undefined;
  const options = { stdin: registry, timeoutMs: 10_000, maxBytes: 64 * 1024, signal };
  const { exitCode, stdout } = await hosts.shell(alias, `docker-credential-${helper} get`, options);
  if (exitCode !== 0) return undefined;
  try {
    const { Username, Secret } = Helped.parse(JSON.parse(stdout));
    if (Username === '<token>') return encode({ identitytoken: Secret, serveraddress: registry });
    return encode({ username: Username, password: Secret, serveraddress: registry });
  } catch {
    return undefined;
  }
}

/** URL alphabet with padding: dockerd takes a header without it for no login. */
const encode = (auth: Record<string, string>): string =>
  Buffer.from(JSON.stringify(auth)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
