import { forEachHost } from '@flotilla/core';
import type { JobHandler } from '@flotilla/jobs';

const plain = { lane: 'test', timeoutMs: 0 };

/** Job tools as the runtime wraps them. */
export const handlers: JobHandler[] = [
  {
    ...plain,
    tool: 'exec',
    isError: (output) => output['exitCode'] !== 0,
    run: async ({ step }, { alias, cmd }) => {
      const { exitCode, stdout } = await step.command('main', String(alias), { command: String(cmd) });
      return { exitCode, stdout: stdout.text };
    },
  },
  {
    ...plain,
    tool: 'ask',
    run: async ({ step }, { alias, cmd }) => {
      const pty = { autoRespond: false, responses: {} };
      const { exitCode, stdout } = await step.command('main', String(alias), { command: String(cmd), pty });
      return { exitCode, stdout: stdout.text };
    },
  },
  {
    ...plain,
    tool: 'count',
    run: async ({ step, progress }, { to }) => {
      for (let at = 1; at <= Number(to); at += 1) {
        await step.repeatable(`n${at}`, () => new Promise<void>((resolve) => void setTimeout(resolve, 120)));
        progress({ progress: at, total: Number(to), message: `at ${at}` });
      }
      return { counted: to };
    },
  },
  {
    ...plain,
    tool: 'fan',
    run: async ({ step, signal }, { aliases, cmd }) => {
      const rows = await forEachHost(aliases as string[], { signal }, (alias) =>
        step.command('main', alias, { command: String(cmd) }),
      );
      return { rows: rows.map(({ alias, state }) => ({ alias, state })) };
    },
  },
];
