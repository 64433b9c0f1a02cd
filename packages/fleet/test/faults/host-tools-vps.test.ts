import { startVps, type TestVps, waitFor, whyNoVps } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostWorld, startHostWorld } from '../hosts/host-world.ts';

const reason = whyNoVps();

describe.skipIf(reason !== undefined)(
  `host tools on a server with systemd${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let vps: TestVps;
    let world: HostWorld;
    beforeAll(async () => {
      vps = await startVps();
      world = await startHostWorld();
    });
    afterAll(async () => {
      await world.stop();
      await vps.stop();
    });

    const admin = () => ({ host: vps.host, port: vps.port, user: 'admin', password: vps.adminPassword });
    const testOf = async (alias: string): Promise<Record<string, unknown>> =>
      (await world.call('server_test', { alias })).rows[0] ?? {};

    test('a login by password, and what the server is', async () => {
      const { data } = await world.call('server_add', { alias: 'vps', ...admin() });
      expect(data).toMatchObject({
        verified: true,
        fingerprints: [vps.fingerprint],
        facts: { osId: 'debian', systemd: true, sudoWithoutPassword: false, killUserProcesses: false },
        missing: [],
      });
    });

    test('sudo works with the login password, and fails with another one', async () => {
      await world.call('server_add', { alias: 'vps', ...admin(), sudo: 'password' });
      expect(await testOf('vps')).toMatchObject({ ok: true, sudo: 'works' });
      await world.call('server_add', {
        alias: 'wrong',
        ...admin(),
        sudo: 'password',
        sudoPassword: 'canary-not-it',
      });
      const wrong = await world.call('server_test', { alias: 'wrong' });
      expect(wrong.rows[0]).toMatchObject({ ok: false, state: 'failed', sudo: 'fails' });
      expect(wrong.isError).toBe(true);
      expect(JSON.stringify(wrong)).not.toContain('canary');
    });

    test('sudo without a password is told apart from sudo with one', async () => {
      await world.call('server_add', { alias: 'free', ...admin(), sudo: 'nopasswd' });
      const without = await testOf('free');
      expect(without).toMatchObject({ ok: false, sudo: 'fails' });
      expect(without['missing']).toMatchObject([{ what: 'sudo without a password' }]);
      vps.run(
        "echo 'admin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin && chmod 440 /etc/sudoers.d/admin",
      );
      const now = await testOf('free');
      vps.run('rm /etc/sudoers.d/admin');
      expect(now).toMatchObject({ ok: true, sudo: 'works', missing: [] });
    });

    test('logind that ends the processes of a user is detected', async () => {
      vps.run(
        'mkdir -p /etc/systemd/logind.conf.d && printf "[Login]\\nKillUserProcesses=yes\\n" > /etc/systemd/logind.conf.d/x.conf',
      );
      vps.run('systemctl restart systemd-logind');
      const row = await testOf('vps');
      expect(row).toMatchObject({ facts: { killUserProcesses: true } });
      expect(row['missing']).toMatchObject([{ what: 'KillUserProcesses=no in logind' }]);
    });

    test('a server that was reinstalled is refused, by name of the key', async () => {
      vps.run('rm /etc/ssh/ssh_host_* && ssh-keygen -A && systemctl restart ssh');
      world.links.drop('vps');
      // The dropped connection may be met once more while it closes.
      await waitFor(async () => {
        const { rows } = await world.call('fleet_status', { alias: 'vps' });
        return JSON.stringify(rows).includes('HOST_KEY_MISMATCH');
      });
      const again = await world.call('server_add', { alias: 'vps', ...admin() });
      expect(again.data).toMatchObject({ verified: false, failure: { code: 'HOST_KEY_MISMATCH' } });
    });
  },
);
