import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { killScript } from '../lib/process-scripts.ts';

export const processKill = defineTool({
  name: 'process_kill',
  title: 'End a process',
  description:
    'Sends a signal to one process and says whether it ended. ' +
    'Needs the startTime that process_list showed, so that a process which got the same pid later is never hit. ' +
    'Runs of Flotilla itself are ended with task_cancel.',
  effect: 'destroy',
  input: z.object({
    alias: HostAlias,
    pid: z.number().int().min(2).max(4_194_304).describe('Process id'),
    startTime: z.number().int().min(0).describe('startTime of that process as process_list shows it'),
    signal: z
      .enum(['TERM', 'KILL', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'STOP', 'CONT'])
      .default('TERM')
      .describe('Signal to send'),
    wait: z.number().int().min(0).max(30).default(5).describe('Seconds to wait for its end'),
    sudo: z.boolean().optional().describe('As root'),
  }),
  output: z.object({ alias: z.string(), pid: z.number().int(), signal: z.string(), ended: z.boolean() }),
  run: async (context, { alias, pid, startTime, signal, wait, sudo }) => {
    const waitSeconds = ['TERM', 'KILL', 'INT', 'HUP', 'QUIT'].includes(signal) ? wait : 0;
    const result = await context.hosts.shell(alias, killScript(pid, startTime, signal, waitSeconds), {
      timeoutMs: (waitSeconds + 20) * 1000,
      signal: context.signal,
      ...(sudo && { sudo: true }),
    });
    const details = { alias, pid, startTime };
    if (result.exitCode === 4)
      throw new FlotillaError('NOT_FOUND', `${alias} has no process ${pid}: it has ended, or never was.`, {
        details,
        hint: 'process_list shows what runs.',
      });
    if (result.exitCode === 5) {
      throw new FlotillaError(
        'CONFLICT',
        `Process ${pid} on ${alias} is another one now; nothing was signalled.`,
        {
          details,
          hint: 'Look again with process_list.',
        },
      );
    }
    if (result.exitCode === 6) {
      throw new FlotillaError('DENIED', `The login of ${alias} may not signal process ${pid}.`, {
        details,
        hint: 'Try with sudo: true.',
      });
    }
    if (result.exitCode !== 0 && result.exitCode !== 3) {
      throw new FlotillaError('INTERNAL', `Signalling process ${pid} on ${alias} gave no clear result.`, {
        details,
      });
    }
    return { alias, pid, signal, ended: result.exitCode === 0 };
  },
  text: ({ alias, pid, signal, ended }) =>
    `${alias}: sent ${signal} to process ${pid}, which ${ended ? 'has ended' : 'is still there'}${!ended && signal === 'TERM' ? '; signal KILL cannot be ignored' : ''}`,
});
