import {
  aliasesOf,
  compileTool,
  defineTool,
  effectOf,
  FlotillaError,
  HostAlias,
  HostTarget,
  type HostView,
  type KnownTool,
  parseInput,
} from '@flotilla/core';
import { z } from 'zod';
import type { Surroundings } from '../../src/check/surroundings.ts';

/** Tools as a checker sees them; what they do does not matter here. */
const output = z.object({});
const run = async (): Promise<Record<string, never>> => ({});
const exec = defineTool({
  name: 'task_exec',
  title: 'Run a command',
  description: 'Runs a command.',
  effect: { max: 'destroy', of: ({ dry_run }) => (dry_run ? 'read' : 'destroy') },
  input: z.object({
    alias: HostTarget,
    cmd: z.string().min(1),
    timeout: z.number().min(0).optional(),
    env: z.record(z.string(), z.string()).optional(),
    dry_run: z.boolean().default(false),
  }),
  output,
  job: { timeoutMs: 0, summary: () => '' },
  run,
});
const read = defineTool({
  name: 'file_read',
  title: 'Read a file',
  description: 'Reads a file.',
  effect: 'read',
  input: z.object({ alias: HostAlias, path: z.string(), lines: z.number().int().max(100).optional() }),
  output,
  run,
});
const script = defineTool({
  name: 'script_run',
  title: 'Run a script',
  description: 'Runs a script.',
  effect: 'destroy',
  input: z.object({ alias: HostTarget, script: z.string(), interpreter: z.string().default('sh') }),
  output,
  run,
});
const other = defineTool({
  name: 'other_exec',
  title: 'Other',
  description: 'A tool of somebody else.',
  effect: 'destroy',
  input: z.object({ command: z.string(), flag: z.boolean().optional() }),
  output,
  run,
});
const starter = defineTool({ ...other, name: 'pipeline_run' });

const known = new Map<string, KnownTool>(
  [exec, read, script, other, starter].map((tool) => {
    const compiled = compileTool(tool, 'test');
    const { published, gateTool, secretPaths } = compiled;
    return [
      tool.name,
      {
        name: tool.name,
        server: 'test',
        maxEffect: gateTool.maxEffect,
        job: tool.job !== undefined,
        inputSchema: published.inputSchema,
        secretPaths,
        check: (args) => {
          const input = parseInput(tool, args);
          return { effect: effectOf(tool.effect, input), aliases: aliasesOf(tool, input) };
        },
      },
    ];
  }),
);

const hosts = ['web1', 'web2', 'web3'];

export const around: Surroundings = {
  tool: (name) => known.get(name),
  toolNames: () => [...known.keys()],
  hosts: (target) =>
    [target].flat().flatMap((word) => {
      const found = word === 'all' || word === 'group:web' ? hosts : hosts.filter((one) => one === word);
      if (found.length > 0) return found.map((alias) => ({ alias }) as HostView);
      throw new FlotillaError('NOT_FOUND', `There is no host ${word}.`);
    }),
  secret: (name) => name === 'db_password',
};
