import { defineServer, defineTool, HostTarget, type ServerDefinition } from '@flotilla/core';
import { z } from 'zod';

const input = z.object({ alias: HostTarget, cmd: z.string() });
const output = z.object({ exitCode: z.number().nullable(), stdout: z.string() });

const job = defineTool({
  name: 'shell_job',
  title: 'A command',
  description: 'Runs a command on a host, as a run.',
  effect: 'write',
  job: { timeoutMs: 0, waitMs: 0, summary: ({ cmd }) => cmd },
  input,
  output,
  isError: ({ exitCode }) => exitCode !== 0,
  run: async ({ step, hosts }, { alias, cmd }) => {
    const [host] = hosts.resolve(alias);
    const { exitCode, stdout } = await step.command('cmd', host?.alias ?? '', { command: cmd });
    return { exitCode, stdout: stdout.text };
  },
});

const now = defineTool({
  name: 'shell_now',
  title: 'A look',
  description: 'Runs a command on a host and waits for it.',
  effect: 'write',
  input,
  output,
  run: async ({ hosts }, { alias, cmd }) => {
    const [host] = hosts.resolve(alias);
    const { exitCode, stdout } = await hosts.shell(host?.alias ?? '', cmd);
    return { exitCode, stdout };
  },
});

/** A server with runs and calls on hosts. */
export const shellServer = (more: Partial<ServerDefinition> = {}): ServerDefinition =>
  defineServer({
    name: 'shell',
    title: 'Shell',
    instructions: 'Commands on hosts.',
    tools: [job, now],
    ...more,
  });
