import { text } from 'node:stream/consumers';
import { FlotillaError } from '@flotilla/core';
import type { Cli } from '../cli.ts';

/** One line of standard input: never an argument, which every user of this machine could read. */
export async function secretFromStdin(cli: Cli, hint: string): Promise<string> {
  const secret = (await text(cli.world.stdin)).replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new FlotillaError('INVALID_INPUT', 'Standard input is empty.', { hint });
}
