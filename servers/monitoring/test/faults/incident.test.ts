import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OpenServer, openServer } from '@flotilla/runtime/testing';
import {
  importBusybox,
  startDockerd,
  startSshd,
  type TestDockerd,
  type TestSshd,
  tempDir,
  waitFor,
  whyNoDockerd,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cause } from '../../src/lib/alerts/cause/cause.ts';
import { monitoring } from '../../src/server.ts';
import { historyOf, play } from '../helpers/history.ts';
import { type Receiver, startReceiver } from '../helpers/receiver.ts';
import { whySkipped } from '../helpers/vps-process.ts';

const MIB = 2 ** 20;
const DAY_MS = 86_400_000;
const SIZE_MIB = 96;

interface Alerts {
  alerts: { alert: string; state: string; alias?: string; labels: Record<string, string>; cause?: Cause }[];
}

/** A small file system of its own: where the logs of containers and the data of a shop lie. */
function mountDisk(): { mountpoint: string; device: string; remove(): void } {
  const folder = tempDir('flotilla-incident-');
  const image = join(folder.path, 'image');
  const mountpoint = join(folder.path, 'disk');
  mkdirSync(mountpoint);
  execFileSync('truncate', ['-s', `${SIZE_MIB}M`, image]);
  execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, mountpoint]);
  const device =
    execFileSync('df', ['--output=source', mountpoint], { encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
  for (const name of ['containers', 'shop']) mkdirSync(join(mountpoint, name));
  return {
    mountpoint,
    device,
    remove() {
      execFileSync('umount', ['-l', mountpoint]);
      folder.remove();
    },
  };
}

function whyNoLoop(): string | undefined {
  const reason = whyNoDockerd();
  if (reason) return reason;
  try {
    mountDisk().remove();
    return undefined;
  } catch {
    return 'no file system can be mounted on a loop device here';
  }
}
const reason = whyNoLoop();

describe.skipIf(reason)(
  `a disk that logs fill, and a container that cannot live without it${whySkipped(reason)}`,
  () => {
    let disk: ReturnType<typeof mountDisk>;
    let engine: TestDockerd;
    let sshd: TestSshd;
    let on: OpenServer;
    let receiver: Receiver;
    const home = tempDir('flotilla-incident-home-');
    const dataDir = join(home.path, '.config/flotilla');
    const config = { intervalS: 5, evaluateS: 2, alerts: true, hubMayReach: ['127.0.0.0/8'] };
    const open = async (sample: boolean): Promise<OpenServer> => {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      writeFileSync(
        join(dataDir, 'config.json'),
        JSON.stringify({ servers: { monitoring: { ...config, sample } } }),
      );
      return openServer(monitoring, { HOME: home.path }, { background: sample });
    };
    /** The log of a container on the small disk; the engine's own notes of the others stay where they can be written. */
    const moveToDisk = (id: string): void => {
      const [from, to] = [join(engine.dataRoot, 'containers', id), join(disk.mountpoint, 'containers', id)];
      execFileSync('cp', ['-a', from, to]);
      execFileSync('mount', ['--bind', to, from]);
    };
    beforeAll(async () => {
      disk = mountDisk();
      engine = await startDockerd();
      sshd = await startSshd({ config: [`SetEnv DOCKER_HOST=unix://${engine.socket}`] });
      receiver = await startReceiver();
      on = await open(false);
      const { host, port, user, keyPath } = sshd;
      await on.addHost('web1', { host, port, user, keyPath });
    });
    afterAll(async () => {
      await on?.close();
      await receiver?.close();
      await sshd?.stop();
      await engine?.stop();
      disk?.remove();
      home.remove();
    });

    test('the forecast warns days before', async () => {
      const labels = { mountpoint: disk.mountpoint, device: disk.device, fstype: 'ext4' };
      const end = Date.now() - 60_000;
      const left = (at: number): number => (20 + (6 * (end - at)) / DAY_MS) * MIB;
      const metrics = historyOf(dataDir);
      const series = [
        { host: 'web1', name: 'up', value: () => 1 },
        { host: 'web1', name: 'node_filesystem_size_bytes', labels, value: () => SIZE_MIB * MIB },
        { host: 'web1', name: 'node_filesystem_avail_bytes', labels, value: left },
      ];
      await play(metrics, series, { days: 10, until: end - 1_800_000 });
      await play(metrics, series, { days: 1 / 48, stepMs: 60_000, until: end });
      await metrics.close();
      const { text } = await on
        .ok('metrics_forecast', { alias: 'web1', kinds: ['disk'], cause: false })
        .catch(() => on.ok('metrics_forecast', { alias: 'web1' }));
      expect(text).toContain(`disk ${disk.mountpoint}: full in`);
      const { rules } = await on.ok<{ rules: { holdsFor: number }[] }>('alert_rule_list', {
        alert: 'DiskFillsUpSoon',
      });
      expect(rules[0]?.holdsFor).toBe(1);
    }, 120_000);

    test('the alerts name the disk, the container whose log fills it, the one that dies of it, and what was changed before', async () => {
      const image = importBusybox(engine, 'incident:1');
      await on.close();
      on = await open(true);
      await on.ok('notifier_add', {
        name: 'ops',
        url: `json://127.0.0.1:${receiver.port}/ops`,
        groupWaitS: 20,
        groupIntervalS: 5,
      });
      const change = {
        principal: 'stdio:1000',
        tool: 'compose_up',
        effect: 'write',
        aliases: ['web1'],
        args: { project: 'shop' },
      } as const;
      on.runtime.services.audit.begin(change).end({ result: 'ok', durationMs: 1 });

      const order = 'dd if=/dev/zero bs=64k count=1 2>/dev/null >> /data/orders';
      const shop = `${order} || { echo "cannot write orders" >&2; exit 7; }; sleep 1`;
      engine.docker(
        'run',
        '-d',
        '--name',
        'shop',
        '--network',
        'none',
        '--restart',
        'always',
        '-v',
        `${join(disk.mountpoint, 'shop')}:/data`,
        image,
        'sh',
        '-c',
        `while :; do ${shop}; done`,
      );
      const noise = 'yes $(head -c 3000 /dev/zero | tr "\\0" x) | head -c 200000000; sleep 3600';
      const id = engine.docker('create', '--name', 'chatter', '--network', 'none', image, 'sh', '-c', noise);
      moveToDisk(id);
      engine.docker('start', 'chatter');

      const alerts = async () => (await on.ok<Alerts>('alert_list', { alias: 'web1' })).alerts;
      const full = async () =>
        (await alerts()).find(
          ({ alert, labels, state, cause }) =>
            alert === 'DiskFull' && labels['mountpoint'] === disk.mountpoint && state === 'firing' && cause,
        );
      const loop = async () =>
        (await alerts()).find(
          ({ alert, labels, state, cause }) =>
            alert === 'ContainerRestartLoop' && labels['name'] === 'shop' && state === 'firing' && cause,
        );
      const patience = { timeoutMs: 200_000, intervalMs: 1_000 };
      await waitFor(async () => (await full()) !== undefined, { ...patience, what: 'the alert of the disk' });
      await waitFor(async () => (await loop()) !== undefined, {
        ...patience,
        what: 'the alert of the container',
      });

      const [onDisk, onShop] = [(await full())?.cause, (await loop())?.cause];
      expect(onDisk?.culprit).toBe('container chatter');
      expect(onDisk?.finding).toMatch(/-json\.log has .* the log or layer of container chatter\./);
      expect(onDisk?.changes).toMatchObject([{ tool: 'compose_up', by: 'stdio:1000' }]);
      expect(onShop?.culprit).toBe('container chatter');
      expect(onShop?.finding).toMatch(/ 100 % full.*container chatter\. Container shop is .*restarts/);
      const dead = onShop?.containers?.find(({ name }) => name === 'shop');
      expect(dead?.restarts).toBeGreaterThanOrEqual(3);

      const { text } = await on.ok('alert_list', { alias: 'web1' });
      expect(text).toMatch(/FIRING critical ContainerRestartLoop: Container shop on web1 was restarted/);
      expect(text).toMatch(/FIRING critical DiskFull: .* on web1 has 0\.\d % left/);
      expect(text).toContain('Culprit: container chatter.');
      await waitFor(
        () => receiver.received.some(({ body }) => body.includes('"alertname":"DiskFull"')),
        patience,
      );
      const sent = receiver.received.find(({ body }) => body.includes('"alertname":"DiskFull"'))?.body ?? '';
      expect(sent).toContain('container chatter');
      expect(sent).not.toContain('cannot write orders');
      const report = await on.ok<{ alerts: { alert: string }[]; risks: { what: string }[] }>(
        'report_generate',
        {},
      );
      expect(report.alerts.map(({ alert }) => alert)).toEqual(
        expect.arrayContaining(['DiskFull', 'ContainerRestartLoop']),
      );
    }, 600_000);
  },
);
