import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Pipeline } from '@flotilla/pipelines/read';
import { parseArguments } from '../calls/arguments.ts';
import type { Cli } from '../cli.ts';
import { askSecret } from '../terminal/ask.ts';

interface Inputs {
  inputs: Record<string, unknown>;
  secretInputs?: Record<string, unknown>;
}

/** Inputs from `key=value` words; those that are secret are typed when they are required and not given as `key=@file`. */
export async function readInputs(
  cli: Cli,
  words: readonly string[],
  pipeline: Pipeline | undefined,
  options: { ask: boolean },
): Promise<Inputs> {
  const declared = pipeline?.inputs ?? {};
  const properties = Object.fromEntries(Object.entries(declared).map(([name, { type }]) => [name, { type }]));
  const given = await parseArguments(
    words,
    { type: 'object', properties },
    {
      readFile: async (path) => (await readFile(resolve(cli.world.cwd, path), 'utf8')).replace(/\n$/, ''),
      readStdin: () => text(cli.world.stdin),
    },
  );
  const isSecret = (name: string): boolean => declared[name]?.secret === true;
  const secrets = Object.fromEntries(Object.entries(given).filter(([name]) => isSecret(name)));
  for (const [name, { secret, required }] of Object.entries(declared))
    if (options.ask && secret && required && !Object.hasOwn(secrets, name) && cli.terminal.interactive)
      secrets[name] = await askSecret(cli, `Secret input ${name}`);
  return {
    inputs: Object.fromEntries(Object.entries(given).filter(([name]) => !isSecret(name))),
    ...(Object.keys(secrets).length > 0 && { secretInputs: secrets }),
  };
}
