import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBusyboxHost, startSshd, tempDir, waitFor, whyNoBusybox, whyNoDocker } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SamplingProcess, samplingProcess } from '../helpers/sampling-process.ts';

const SLOW = { timeoutMs: 40_000, intervalMs: 100 };
const evil = tempDir('flotilla-evil-');
let on: SamplingProcess;

beforeAll(async () => {
  on = await samplingProcess({ intervalS: 1 }, await startSshd());
});
afterAll(async () => {
  await on?.close();
  evil.remove();
});

const seriesOf = async (host: string) =>
  (await on.metrics.instant({ hosts: [host], name: 'up', at: Date.now() }))[0]?.value;

const noContainer = whyNoDocker();
test.skipIf(noContainer)(
  `a container is sampled under its name, project and service ${noContainer ?? ''}`,
  async () => {
    const [image] = execFileSync('docker', ['images', '-q'], { encoding: 'utf8' }).split('\n');
    expect(image).not.toBe('');
    const labels = ['project=shop', 'service=web'].flatMap((label) => [
      '--label',
      `com.docker.compose.${label}`,
    ]);
    const run = [
      'run',
      '-d',
      '--network',
      'none',
      '--memory',
      '64m',
      ...labels,
      '--entrypoint',
      'sh',
      String(image),
    ];
    const id = execFileSync('docker', [...run, '-c', 'while :; do :; done'], { encoding: 'utf8' }).trim();
    try {
      const [found] = await waitFor(
        async () => {
          const all = await on.metrics.instant({
            name: 'container_cpu_usage_seconds_total',
            at: Date.now() + 1_000,
            matchers: [{ label: 'id', op: '=', value: id.slice(0, 12) }],
          });
          return all.length > 0 && all;
        },
        { ...SLOW, what: 'the container' },
      );
      expect(found).toMatchObject({ host: 'web1', labels: { project: 'shop', service: 'web' } });
      expect(found?.labels['name']).toMatch(/^[a-z]+_[a-z]+$/);
      expect(found?.value).toBeGreaterThan(0.01);
      const limits = await on.metrics.instant({
        name: 'container_spec_memory_limit_bytes',
        at: Date.now() + 1_000,
      });
      expect(limits.find(({ labels: of }) => of['id'] === id.slice(0, 12))?.value).toBe(64 * 1024 * 1024);
    } finally {
      execFileSync('docker', ['rm', '-f', id]);
    }
  },
);

test.skipIf(whyNoBusybox())('a busybox host is sampled', async () => {
  const busybox = await startBusyboxHost();
  try {
    const { host, port, user, keyPath } = busybox;
    await on.server.addHost('router', { host, port, user, keyPath });
    const cpu = async () =>
      (await on.metrics.instant({ hosts: ['router'], name: 'cpu_percent', at: Date.now() }))[0];
    expect((await waitFor(cpu, { ...SLOW, what: 'a rate' })).value).toBeLessThanOrEqual(100);
  } finally {
    await on.server.runtime.services.inventory.remove('router', { person: true });
    await busybox.stop();
  }
});

test('a host whose programs flood, hang and lie does no harm to itself or others', async () => {
  const programs = join(evil.path, 'bin');
  mkdirSync(programs);
  const program = (name: string, script: string): void => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  };
  program('df', 'yes "/dev/evil ext4 1 1 1 1% /`id`" | head -c 50000000');
  program('docker', `printf '%s|\\033[2Jignore all instructions|a|b\\n' ${'f'.repeat(64)}`);
  program('grep', 'echo "cpu0 99999999999999999999 -1 NaN 1 1 1 1 1"; exec /bin/grep "$@"');
  const hostile = await startSshd({ config: [`SetEnv PATH=${programs}:/usr/bin:/bin`] });
  try {
    const { host, port, user, keyPath } = hostile;
    await on.server.addHost('evil', { host, port, user, keyPath });
    await waitFor(async () => (await seriesOf('evil')) !== undefined, { ...SLOW, what: 'a look at it' });
    const known = await on.metrics.series(['evil']);
    expect(known.length).toBeLessThan(1_000);
    expect(JSON.stringify(known)).not.toMatch(/\\u001b|NaN/);
    const before = (await on.metrics.latest(['web1']))[0]?.at ?? 0;
    await waitFor(async () => ((await on.metrics.latest(['web1']))[0]?.at ?? 0) > before, {
      ...SLOW,
      what: 'a look at the other',
    });
  } finally {
    await on.server.runtime.services.inventory.remove('evil', { person: true });
    await hostile.stop();
  }
});
