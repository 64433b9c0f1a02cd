import { formatBytes, formatDuration, type TransferSummary } from '@flotilla/core';
import { z } from 'zod';

const Pair = z.object({
  local: z.string(),
  remote: z.string(),
  files: z.number(),
  unchanged: z.number(),
  folders: z.number(),
  symlinks: z.number(),
  bytes: z.number(),
  sha256: z.string().optional(),
});

export const TransferOutput = z.object({
  alias: z.string(),
  direction: z.enum(['upload', 'download', 'server_to_server']),
  files: z.number().describe('Written'),
  unchanged: z.number().describe('Were there already with the same content'),
  folders: z.number(),
  symlinks: z.number(),
  bytes: z.number(),
  resumedBytes: z.number().describe('Found from an interrupted transfer, verified, not sent again'),
  verified: z.number().describe('Files whose sha256 was compared on both ends'),
  durationMs: z.number(),
  pairs: z.array(Pair),
  failed: z.number(),
  failures: z
    .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
    .describe('At most 100'),
  notes: z.array(z.string()),
});
export type TransferOutput = z.infer<typeof TransferOutput>;

export function transferOutput(
  alias: string,
  direction: TransferOutput['direction'],
  summary: TransferSummary,
): TransferOutput {
  return { alias, direction, ...summary };
}

export function transferText(output: TransferOutput): string {
  const { alias, direction, pairs, files, unchanged, folders, symlinks, failed } = output;
  const counted = [
    `${files} ${files === 1 ? 'file' : 'files'} (${formatBytes(output.bytes)})`,
    folders > 0 && `${folders} folders`,
    symlinks > 0 && `${symlinks} symlinks`,
    unchanged > 0 && `${unchanged} unchanged`,
    output.resumedBytes > 0 && `${formatBytes(output.resumedBytes)} resumed`,
    failed > 0 && `${failed} failed`,
  ].filter((part) => part !== false);
  const verb = direction === 'upload' ? 'uploaded' : 'downloaded';
  const lines = [
    `${verb} ${counted.join(', ')} in ${formatDuration(output.durationMs)}, ${output.verified} verified by sha256`,
  ];
  for (const pair of pairs.slice(0, 20)) {
    const arrow =
      direction === 'upload'
        ? `${pair.local} → ${alias}:${pair.remote}`
        : `${alias}:${pair.remote} → ${pair.local}`;
    lines.push(`  ${arrow}${pair.sha256 === undefined ? '' : ` sha256 ${pair.sha256}`}`);
  }
  if (pairs.length > 20) lines.push(`  … ${pairs.length - 20} more`);
  for (const fault of output.failures.slice(0, 20))
    lines.push(`  FAILED ${fault.path}: ${fault.code} ${fault.message}`);
  if (failed > 20) lines.push(`  … ${failed - 20} more failures`);
  return [...lines, ...output.notes.map((note) => `  Note: ${note}`)].join('\n');
}
