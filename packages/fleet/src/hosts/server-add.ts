import {
  type AnyTool,
  defineTool,
  FlotillaError,
  isFlotillaError,
  type Principal,
  type ToolContext,
} from '@flotilla/core';
import type { HostInput } from '@flotilla/inventory';
import { z } from 'zod';
import { type HostToolsDeps, isPerson } from './deps.ts';
import { HostFacts } from './facts/host-facts.ts';
import { Missing, missingOn } from './facts/missing.ts';
import { probeFacts } from './facts/probe.ts';
import { HostFailure, hostFailure } from './host-failure.ts';
import { factsLine, missingText } from './host-text.ts';
import { isInSshFolder, privateKeyPath, requireKey, usualKey } from './key-path.ts';
import { ServerAddInput } from './server-add-input.ts';

const VERIFY_MS = 25_000;
const CLOSING_MS = 1_000;

const Output = z.object({
  alias: z.string(),
  created: z.boolean(),
  changed: z.array(z.string()).describe('Names of the fields that were set or changed'),
  dropped: z.array(z.string()).describe('Secrets and pinned keys of the machine the alias meant before'),
  host: z.string(),
  port: z.number(),
  user: z.string(),
  verified: z.boolean().describe('A login worked just now'),
  fingerprints: z.array(z.string()).describe('Pinned host keys'),
  facts: HostFacts.optional(),
  missing: z.array(Missing).optional(),
  failure: HostFailure.optional().describe('Why it could not be verified'),
});

export function serverAdd(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_add',
    title: 'Register or change a host',
    description:
      'Registers a host under an alias, or changes one, and logs in to verify it. ' +
      'Its host key is pinned at the first connection; check the fingerprint in the answer. ' +
      'Moving a known alias to another address, port, user, bastion or key drops its secrets and is for a person. ' +
      'A new host without keyPath, password and agent gets the usual key of ~/.ssh and the agent.',
    effect: 'write',
    input: ServerAddInput,
    output: Output,
    run: (context, input) => addServer(deps, context, input),
    isError: (output) => output.failure !== undefined,
    text: (output) => addText(output),
  });
}

type Added = z.infer<typeof Output>;

async function addServer(deps: HostToolsDeps, context: ToolContext, input: ServerAddInput): Promise<Added> {
  const { inventory, links } = deps;
  const { verify, ...fields } = input;
  const saved = await inventory.save(hostInput(deps, context.principal, fields), {
    person: isPerson(context.principal),
  });
  const dropped = !saved.created && saved.changed.length > 0;
  if (dropped) links.drop(input.alias);
  const base = {
    alias: input.alias,
    created: saved.created,
    changed: saved.changed,
    dropped: saved.dropped,
    host: saved.host.host,
    port: saved.host.port,
    user: saved.host.user,
  };
  const pins = (): string[] => inventory.find(input.alias)?.hostKeys.map((pin) => pin.fingerprint) ?? [];
  if (!verify) return { ...base, verified: false, fingerprints: pins() };
  try {
    const facts = await askAfter(dropped, () =>
      probeFacts(context, input.alias, { timeoutMs: VERIFY_MS, now: deps.now ?? Date.now }),
    );
    await inventory.seen(input.alias, facts);
    const missing = missingOn(facts, saved.host.sudo);
    return { ...base, verified: true, fingerprints: pins(), facts, missing };
  } catch (error) {
    context.signal.throwIfAborted();
    return {
      ...base,
      verified: false,
      fingerprints: pins(),
      failure: hostFailure(context, input.alias, error),
    };
  }
}

/** The first question after a connection was dropped may still meet it while it closes: then it is asked again. */
async function askAfter<T>(dropped: boolean, ask: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await ask();
  } catch (error) {
    const lost = isFlotillaError(error) && error.code === 'CONNECTION_FAILED';
    if (!dropped || !lost || performance.now() - started > CLOSING_MS) throw error;
    return ask();
  }
}

function hostInput(
  deps: HostToolsDeps,
  principal: Principal,
  fields: Omit<ServerAddInput, 'verify'>,
): HostInput {
  const known = deps.inventory.find(fields.alias);
  if (fields.keyPath === undefined)
    return known ? fields : { ...usualLogin(fields, deps.homedir), ...fields };
  const keyPath = privateKeyPath(fields.keyPath, deps.homedir);
  if (known?.keyPath !== keyPath && !isPerson(principal) && !isInSshFolder(keyPath, deps.homedir)) {
    throw new FlotillaError('APPROVAL_REQUIRED', `Only a person can use a key outside ~/.ssh: ${keyPath}`, {
      details: { alias: fields.alias, keyPath },
      hint: `Nothing was changed. A person runs it at a terminal: flotilla host add ${fields.alias} … --key ${keyPath}`,
    });
  }
  requireKey(keyPath);
  return { ...fields, keyPath };
}

function usualLogin(fields: Omit<ServerAddInput, 'verify'>, homedir: string): Partial<HostInput> {
  if (fields.password !== undefined || fields.agent !== undefined) return {};
  const keyPath = usualKey(homedir);
  return { agent: true, ...(keyPath !== undefined && { keyPath }) };
}

function addText(output: Added): string {
  const { alias, user, host, port, failure } = output;
  const what = output.created ? 'registered' : output.changed.length > 0 ? 'changed' : 'unchanged';
  const changes = output.created || output.changed.length === 0 ? '' : ` (${output.changed.join(', ')})`;
  const head = `${alias} is ${what}${changes}: ${user}@${host} port ${port}.`;
  const dropped = output.dropped.length > 0 ? [`Dropped: ${output.dropped.join(', ')}.`] : [];
  const keys = output.fingerprints.length > 0 ? [`Host key: ${output.fingerprints.join(', ')}`] : [];
  const verdict = failure
    ? [`It could not be verified: ${failure.code}: ${failure.message} ${failure.hint}`]
    : output.facts
      ? [`Login works. ${factsLine(output.facts)}`, ...missingText(output.missing ?? [])]
      : ['Not verified: server_test does it.'];
  return [head, ...dropped, ...verdict, ...keys].join('\n');
}
