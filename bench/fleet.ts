// One task_exec on 200 hosts (200 addresses of one sshd), cold and warm.
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loopbackHosts, startSshd } from '@flotilla/testkit';
import { startMcp, textOf } from './lib/mcp-client.ts';
import { hubCommand, hubEnvironment } from './lib/subjects.ts';
import { printTable } from './lib/table.ts';

const HOSTS = 200;
const sshd = await startSshd({ listen: loopbackHosts(HOSTS), config: ['MaxStartups 500'] });
const env = hubEnvironment({ ...sshd });
const keyFolder = join(env['HOME'] ?? '', '.ssh');
mkdirSync(keyFolder, { recursive: true, mode: 0o700 });
const keyPath = join(keyFolder, 'id_bench');
copyFileSync(sshd.keyPath, keyPath);
chmodSync(keyPath, 0o600);
const hub = await startMcp(hubCommand.command, hubCommand.args, env);
try {
  for (const [index, host] of loopbackHosts(HOSTS).entries()) {
    const args = { alias: `h${index + 1}`, host, port: sshd.port, user: sshd.user, keyPath, verify: false };
    const added = await hub.call('server_add', args);
    if (added.isError) throw new Error(textOf(added));
  }
  const rows: (string | number)[][] = [];
  for (const round of ['cold', 'warm', 'warm again']) {
    const started = performance.now();
    const answer = await hub.call('task_exec', { alias: 'all', cmd: `echo ${round}`, maxParallel: HOSTS });
    const seconds = (performance.now() - started) / 1000;
    const ok =
      (answer.structuredContent?.['rows'] as { state: string }[] | undefined)?.filter(
        (row) => row.state === 'ok',
      ).length ?? 0;
    rows.push([round, seconds, `${ok} of ${HOSTS}`]);
    if (ok < HOSTS) process.stderr.write(`${textOf(answer).slice(0, 2000)}\n`);
  }
  printTable(`task_exec on ${HOSTS} hosts`, ['round', 'seconds', 'ok'], rows);
} finally {
  await hub.close();
  await sshd.stop();
}
