import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineServer, defineTool, FlotillaError, HostAlias, secret } from '@flotilla/core';
import { z } from 'zod';

const mark = defineTool({
  name: 'mark_run',
  title: 'Mark',
  description:
    'A durable run: a line in a file of the host, then a wait for another file, then an exit code.',
  effect: 'destroy',
  input: z.object({
    alias: HostAlias,
    file: z.string(),
    gate: z.string().default(''),
    code: z.number().default(0),
    token: secret(z.string()).optional(),
    idempotencyKey: z.string().optional(),
  }),
  output: z.object({ exitCode: z.number().nullable() }),
  isError: ({ exitCode }) => exitCode !== 0,
  job: { timeoutMs: 0, summary: ({ file }) => `mark ${file}` },
  run: async ({ step }, { alias, file, gate, code }) => {
    const { exitCode } = await step.command('mark', alias, {
      command:
        'echo x >> "$FILE"; while [ -n "$GATE" ] && [ ! -e "$GATE" ]; do sleep 0.05; done; exit "$CODE"',
      env: { FILE: file, GATE: gate, CODE: String(code) },
    });
    return { exitCode };
  },
});

/** Answers at once, or after a while; writes a line to a file of this machine as soon as it is called. */
const inline = (name: string, effect: 'read' | 'write') =>
  defineTool({
    name,
    title: name,
    description: 'Writes a line to a file of the hub, then answers after a while.',
    effect,
    input: z.object({
      file: z.string(),
      holdMs: z.number().default(0),
      fail: z.boolean().default(false),
      word: z.string().default('done'),
      token: secret(z.string()).optional(),
    }),
    output: z.object({ word: z.string(), token: z.string().optional() }),
    run: async ({ signal }, { file, holdMs, fail, word, token }) => {
      appendFileSync(file, 'x\n');
      if (fail) throw new FlotillaError('CONNECTION_FAILED', 'The far end is not there.');
      if (holdMs > 0) await delay(holdMs, undefined, { signal });
      return { word, ...(token !== undefined && { token }) };
    },
  });

/** What the tests schedule. */
export const toolServer = defineServer({
  name: 'things',
  title: 'Things',
  instructions: 'Things to schedule.',
  tools: [mark, inline('look_now', 'read'), inline('change_now', 'write')],
});
