import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { idempotencyKey, ignored, localPath, remotePath } from '../lib/arguments.ts';
import { runTransfer } from '../lib/run-transfer.ts';
import { TransferOutput, transferText } from '../lib/transfer-output.ts';

export const taskTransfer = defineTool({
  name: 'task_transfer',
  title: 'Transfer a file or folder',
  description:
    'Copies one file, one folder or a pattern such as logs/**/*.gz between an allowed local folder and a host, as a durable run: resumed after an interruption, checked by sha256, replaced at once, mode and time kept. ' +
    'A target that ends in / is a folder to put the source into; otherwise it names the copy itself, and an existing folder is merged into. ' +
    'Existing files are overwritten, nothing is deleted; use task_transfer_multi for several pairs.',
  effect: { max: 'destroy', of: () => 'write' },
  input: z.object({
    alias: HostAlias,
    direction: z.enum(['upload', 'download', 'server_to_server']).describe('upload: from here to the host'),
    local: localPath.optional().describe('File, folder or pattern here (upload), or the target (download)'),
    remote: remotePath,
    source_alias: HostAlias.optional().describe('For server_to_server'),
    ...ignored,
    idempotencyKey,
  }),
  output: TransferOutput,
  isError: (output) => output.failed > 0,
  job: {
    timeoutMs: 0,
    summary: ({ alias, direction, local, remote }) =>
      direction === 'download'
        ? `${alias}:${remote} → ${local ?? '?'}`
        : `${local ?? '?'} → ${alias}:${remote}`,
  },
  run: async (context, { alias, direction, local, remote }) => {
    if (local === undefined && direction !== 'server_to_server') {
      throw new FlotillaError('INVALID_INPUT', 'local is missing: the path on this side.');
    }
    return runTransfer(context, alias, direction, [{ local: local ?? '', remote }]);
  },
  text: transferText,
});
