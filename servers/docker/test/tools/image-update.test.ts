import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoRegistry } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { registryAuth } from '../../src/lib/update/registry-auth.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';
import { imageVersions, type Updated } from '../helpers/image-versions.ts';

const reason = whyNoCompose() ?? whyNoRegistry();
const skipped = reason ? ` (skipped: ${reason})` : '';

interface Checked {
  rows: {
    updates: number;
    images: {
      image: string;
      state: string;
      current?: string;
      newest?: string;
      containers: string[];
      reason?: string;
    }[];
  }[];
}
describe.skipIf(reason !== undefined)(`image updates${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  const versions = imageVersions(on);
  const { docker, inspect, push, pushElsewhere } = versions;

  test("'image_updates' tells newer, current, pinned, local and unreachable images apart", async () => {
    const app = `${versions.registry.address}/team/checked:1`;
    versions.app = app;
    push('one');
    const digest = inspect(app).RepoDigests.find((entry: string) =>
      entry.startsWith(versions.registry.address),
    );
    docker('create', '--name', 'newer', app, 'true');
    docker('create', '--name', 'pinned', digest, 'true');
    docker('create', '--name', 'local', 'app:1', 'true');
    docker('tag', app, '127.0.0.1:1/none/there:1');
    docker('create', '--name', 'far', '127.0.0.1:1/none/there:1', 'true');
    const before = await on.server.ok<Checked>('image_updates', { alias: 'web1' });
    const states = ({ rows }: Checked) =>
      Object.fromEntries((rows[0]?.images ?? []).map((row) => [row.containers.join(), row.state]));
    expect(states(before)).toEqual({
      newer: 'current',
      pinned: 'pinned',
      local: 'local_only',
      far: 'unreachable',
    });
    pushElsewhere('two');
    const after = await on.server.ok<Checked>('image_updates', { alias: 'all' });
    expect(after.rows[0]?.updates).toBe(1);
    const [worst] = after.rows[0]?.images ?? [];
    expect(worst).toMatchObject({ image: app, state: 'behind', containers: ['newer'] });
    expect(worst?.newest).not.toBe(worst?.current);
    expect(inspect('newer').Image).toBe(inspect(app).Id);
  });

  test('the docker login of the host is used for its registries, and only for those', async () => {
    const folder = join(on.sshd.home, '.docker');
    mkdirSync(folder);
    const auths = {
      [versions.registry.address]: { auth: Buffer.from('ann:pass:word').toString('base64') },
      'tok.example': { identitytoken: 't' },
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
    const auth = registryAuth(on.server.context, 'web1');
    const decoded = async (reference: string): Promise<unknown> => {
      const header = await auth(reference);
      return header === undefined ? undefined : JSON.parse(Buffer.from(header, 'base64url').toString());
    };
    expect(await decoded(`${versions.registry.address}/a:1`)).toEqual({
      username: 'ann',
      password: 'pass:word',
      serveraddress: versions.registry.address,
    });
    expect(await decoded('tok.example/a')).toEqual({ identitytoken: 't', serveraddress: 'tok.example' });
    expect(await decoded('nginx')).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  test("'image_updates' has a row with the error of a host that is not there", async () => {
    expect(await on.server.fails('image_updates', { alias: 'nosuch' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test("'image_update' replaces a container and keeps every setting", async () => {
    const app = `${versions.registry.address}/team/kept:1`;
    versions.app = app;
    const quick = 'HEALTHCHECK --interval=300ms CMD true';
    push('one', quick, 'ENV COLOR=blue', 'CMD ["sleep", "1000"]');
    docker('network', 'create', 'front');
    docker(
      'run',
      '-d',
      '--name',
      'kept',
      '--network',
      'front',
      '--network-alias',
      'shop',
      '--env',
      'MODE=x',
      '--label',
      'team=a',
      '--memory',
      '64m',
      '--restart',
      'unless-stopped',
      '--stop-signal',
      'KILL',
      '-v',
      '/data',
      '--hostname',
      'kept.example',
      app,
    );
    docker('exec', 'kept', 'sh', '-c', 'echo precious > /data/file');
    const before = inspect('kept');
    pushElsewhere('two', quick, 'ENV COLOR=red', 'CMD ["sleep", "2000"]');
    const plan = await on.server.ok<Updated>('image_update', {
      alias: 'web1',
      container: 'kept',
      dryRun: true,
    });
    expect(plan.plan.check.state).toBe('behind');
    expect(inspect('kept').Id).toBe(before.Id);
    const update = await on.server.ok<Updated>('image_update', { alias: 'web1', container: 'kept' });
    expect(update.outcome).toBe('applied');
    const after = inspect('kept');
    expect(after.Image).toBe(update.imageId);
    expect(docker('exec', 'kept', 'cat', '/etc/version', '/data/file')).toBe('twoprecious');
    expect(after.Config.Env).toEqual(['MODE=x', 'PATH=/bin', 'COLOR=red']);
    expect(after.Config).toMatchObject({
      Hostname: 'kept.example',
      Labels: { team: 'a' },
      Cmd: ['sleep', '2000'],
      Image: app,
    });
    expect(after.HostConfig.Memory).toBe(before.HostConfig.Memory);
    expect(after.HostConfig.RestartPolicy).toEqual(before.HostConfig.RestartPolicy);
    expect(after.NetworkSettings.Networks.front.Aliases).toContain('shop');
    expect(docker('ps', '-a', '--format', '{{.Names}}')).toBe('kept');
    expect(docker('images', '-q', 'flotilla.rollback/kept')).not.toBe('');
    const again = await on.server.ok<Updated>('image_update', { alias: 'web1', container: 'kept' });
    expect(again.outcome).toBe('unchanged');
  });

  test("'image_update' refuses what has no way back, and what does not exist", async () => {
    docker('run', '-d', '--rm', '--name', 'gone', '--stop-signal', 'KILL', 'app:1', 'sleep', '1000');
    const call = (more: object) => on.server.fails('image_update', { alias: 'web1', ...more });
    expect(await call({ container: 'gone' })).toMatchObject({ code: 'UNSUPPORTED' });
    expect(await call({ container: 'nosuch' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await call({ project: 'nosuch', service: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await call({})).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await call({ container: 'x; reboot' })).toMatchObject({ code: 'INVALID_INPUT' });
  });
});
