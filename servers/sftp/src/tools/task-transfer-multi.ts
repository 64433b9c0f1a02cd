import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { idempotencyKey, ignored, localPath, remotePath } from '../lib/arguments.ts';
import { runTransfer } from '../lib/run-transfer.ts';
import { TransferOutput, transferText } from '../lib/transfer-output.ts';

const Pair = z.strictObject({
  local: localPath.optional().describe('File, folder or pattern here (upload), or the target (download)'),
  remote: remotePath,
  source_alias: HostAlias.optional().describe('For server_to_server'),
});

export const taskTransferMulti = defineTool({
  name: 'task_transfer_multi',
  title: 'Transfer several files or folders',
  description:
    'Copies several pairs of files, folders or patterns (* ** ? {a,b} [ab]) between allowed local folders and one host in one durable run. ' +
    'One bad file does not stop the others: the answer counts what was written and lists what failed. ' +
    'Same rules and guarantees as task_transfer; the target of a pattern is a folder.',
  effect: { max: 'destroy', of: () => 'write' },
  input: z.object({
    alias: HostAlias,
    direction: z.enum(['upload', 'download', 'server_to_server']).describe('upload: from here to the host'),
    source_alias: HostAlias.optional().describe('For server_to_server'),
    files: z.array(Pair).min(1).max(1000).describe('Pairs of source and target'),
    ...ignored,
    idempotencyKey,
  }),
  output: TransferOutput,
  isError: (output) => output.failed > 0,
  job: {
    timeoutMs: 0,
    summary: ({ alias, direction, files }) => `${direction} of ${files.length} pairs, ${alias}`,
  },
  run: async (context, { alias, direction, files }) => {
    const pairs = files.map(({ local, remote }, index) => {
      if (local === undefined && direction !== 'server_to_server') {
        throw new FlotillaError('INVALID_INPUT', `files[${index}].local is missing: the path on this side.`);
      }
      return { local: local ?? '', remote };
    });
    return runTransfer(context, alias, direction, pairs);
  },
  text: transferText,
});
