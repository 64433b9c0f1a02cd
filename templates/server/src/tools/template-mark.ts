import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';

export const templateMark = defineTool({
  name: 'template_mark',
  title: 'Leave a mark',
  description: 'Adds a line to a file on a host, once, even if this server dies meanwhile.',
  effect: 'write',
  input: z.object({
    alias: HostAlias,
    path: z.string().min(1).max(4096).describe('File, absolute or relative to the home of the login'),
    line: z.string().max(1000).describe('What to add'),
  }),
  output: z.object({ alias: z.string(), path: z.string(), lines: z.number().int() }),
  job: { timeoutMs: 60_000, summary: ({ alias, path }) => `${alias}: mark ${path}` },
  run: async ({ step }, { alias, path, line }) => {
    // Input reaches the command through its environment: no quoting, no injection.
    const result = await step.command('mark', alias, {
      command: `printf '%s\\n' "$LINE" >> "$FILE" && wc -l < "$FILE"`,
      env: { FILE: path, LINE: line },
      timeoutMs: 30_000,
    });
    if (result.exitCode !== 0) {
      throw new FlotillaError('DENIED', `The login of ${alias} could not write that file.`, {
        details: { alias, path, remote: result.stderr.text },
      });
    }
    return { alias, path, lines: Number.parseInt(result.stdout.text, 10) };
  },
  text: ({ alias, path, lines }) => `${alias}: ${JSON.stringify(path)} has ${lines} lines now`,
});
