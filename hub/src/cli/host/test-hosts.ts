import { visibleControls } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { callTool } from '../calls/call-tool.ts';
import { textOf } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';

/** What server_test says of one host, as far as it is shown here. */
export interface HostTest {
  alias: string;
  ok: boolean;
  fingerprints?: string[];
  failure?: { code: string; message: string };
}

/** Logs in to hosts through server_test. `table` is its text without the count on the first line. */
export async function testHosts(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  aliases: readonly string[],
): Promise<{ rows: HostTest[]; table: string }> {
  const answer = await callTool(cli, hub, base, 'server_test', { alias: aliases });
  const { rows } = answer.structuredContent as { rows?: HostTest[] };
  const [, ...lines] = visibleControls(textOf(answer)).split('\n');
  return { rows: rows ?? [], table: lines.join('\n') };
}
