import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FlotillaError } from '@flotilla/core';
import type { Pipeline } from '@flotilla/pipelines/read';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { callTool } from '../calls/call-tool.ts';
import { failureIn } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';

/** Which pipeline a person means: a saved one by its name, or a file. */
export type Source = { name: string; version?: number } | { definition: unknown };

const TEXT = ['.yaml', '.yml', '.json'];
const CODE = ['.ts', '.mts', '.js', '.mjs'];

/**
 * A word with a slash or one of the known endings is a file. A program (.ts, .mjs, …) is run, as a person who names it wants:
 * its default export is the definition. INVALID_INPUT, NOT_FOUND.
 */
export async function readSource({ world }: Cli, word: string, version?: number): Promise<Source> {
  const ending = extname(word).toLowerCase();
  const path = resolve(world.cwd, word);
  if (!TEXT.includes(ending) && !CODE.includes(ending) && !word.includes('/'))
    return { name: word, ...(version !== undefined && { version }) };
  if (!existsSync(path)) throw new FlotillaError('NOT_FOUND', `There is no file ${path}.`);
  if (!CODE.includes(ending)) return { definition: await readFile(path, 'utf8') };
  const { default: definition } = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (typeof definition === 'object' && definition !== null)
    return { definition: JSON.parse(JSON.stringify(definition)) as unknown };
  throw new FlotillaError('INVALID_INPUT', `${path} has no pipeline as its default export.`, {
    hint: 'export default pipeline("name", [step("key", { tool, with })])',
  });
}

/** The definition itself; undefined when it cannot be read, which the tool then says in full. */
export async function definitionOf(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  source: Source,
): Promise<Pipeline | undefined> {
  const { parsePipeline } = await import('@flotilla/pipelines/read');
  if ('definition' in source) return parsePipeline(source.definition).pipeline;
  const answer = await callTool(cli, hub, base, 'pipeline_show', { ...source });
  const failure = failureIn(answer);
  if (failure) throw new FlotillaError(failure.code, failure.message, { hint: failure.hint });
  const { definition } = answer.structuredContent as { definition: unknown };
  return parsePipeline(definition).pipeline;
}
