// The stdio hub: time from spawn to an answered tools/list and to an answered first call, and memory after each.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMcp } from './lib/mcp-client.ts';
import { median } from './lib/stats.ts';
import { hubCommand } from './lib/subjects.ts';
import { printTable } from './lib/table.ts';

const rss = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

const home = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
const times: number[] = [];
const memory: number[] = [];
const callTimes: number[] = [];
const callMemory: number[] = [];
let tools = 0;
for (let round = 0; round < 12; round += 1) {
  const started = performance.now();
  const child = await startMcp(hubCommand.command, hubCommand.args, { HOME: home });
  tools = await child.listTools();
  times.push(performance.now() - started);
  memory.push(rss(child.pid));
  await child.call('server_list', {});
  callTimes.push(performance.now() - started);
  callMemory.push(rss(child.pid));
  await child.close();
}
rmSync(home, { recursive: true, force: true });
printTable(
  'Stdio hub: its start',
  ['measure', 'value'],
  [
    ['p50 ms to an answered tools/list', median(times.slice(2))],
    ['RSS MiB then', median(memory.slice(2))],
    ['p50 ms to an answered first call', median(callTimes.slice(2))],
    ['RSS MiB then, everything open', median(callMemory.slice(2))],
    ['tools', tools],
  ],
);
