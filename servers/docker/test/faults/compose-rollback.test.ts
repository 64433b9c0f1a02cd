import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { composeFile, composeProject, service, type Up } from '../helpers/compose-services.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';

const reason = whyNoCompose();
const skipped = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(`compose_up with a way back${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  const project = composeProject(on);
  const { args, container } = project;

  test('a health gate that fails brings back what ran, with its settings, and says why', async () => {
    const folder = project.write(composeFile('gate', service('sleep 1000'), service('sleep 2000')));
    await on.server.ok('compose_up', args());
    const before = container('gate-s0-1');
    const other = container('gate-s1-1');
    folder.write(
      composeFile(
        'gate',
        service('sleep 1001', 'echo no database; exit 1'),
        service('sleep 2000'),
        service('sleep 3'),
      ),
    );
    const answer = await on.server.call('compose_up', args());
    const up = answer.structuredContent as unknown as Up;
    expect(answer.isError).toBe(true);
    expect(up.outcome).toBe('rolled_back');
    expect(up.reason).toMatch(/gate-s0-1: its health check fails/);
    expect(up.rollback).toMatchObject({ restored: ['gate-s0-1'], problems: [] });
    const after = container('gate-s0-1');
    expect(after.Config).toEqual({ ...before.Config, Hostname: after.Config.Hostname });
    expect(after.Image).toBe(before.Image);
    expect(after.HostConfig).toEqual(before.HostConfig);
    expect(after.State.Running).toBe(true);
    expect(container('gate-s1-1').Id).toBe(other.Id);
    expect(on.dockerd.docker('ps', '-a', '--format', '{{.Names}}').split('\n').sort()).toEqual([
      'gate-s0-1',
      'gate-s1-1',
    ]);
    expect(JSON.stringify(answer.content)).toContain('no database');
  });

  test('networks, volumes and a shared network come back with the containers', async () => {
    const linked = (health: string, command: string): string => `name: linked
services:
  a:
    image: app:1
    stop_signal: SIGKILL
    command: ${command}
    volumes: ["/anonymous", "data:/data"]
    networks: { inner: { aliases: [shop] } }
    healthcheck: { test: ["CMD-SHELL", "${health}"], interval: 300ms, retries: 2 }
  b:
    image: app:1
    stop_signal: SIGKILL
    command: sleep 1000
    network_mode: service:a
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
volumes: { data: {} }
networks: { inner: {} }
`;
    const folder = project.write(linked('true', 'sleep 1000'));
    await on.server.ok('compose_up', args());
    const diff = await on.server.ok<{ rows: { drifted: number }[] }>('compose_diff', args());
    expect(diff.rows[0]?.drifted).toBe(0);
    on.dockerd.docker('exec', 'linked-a-1', 'sh', '-c', 'echo one > /anonymous/file; echo two > /data/file');
    const before = container('linked-a-1');
    folder.write(linked('false', 'sleep 1001'));
    const up = (await on.server.call('compose_up', args())).structuredContent as unknown as Up;
    expect(up).toMatchObject({ outcome: 'rolled_back', rollback: { problems: [] } });
    const a = container('linked-a-1');
    const b = container('linked-b-1');
    expect(on.dockerd.docker('exec', a.Id, 'cat', '/anonymous/file', '/data/file')).toBe('one\ntwo');
    expect(a.NetworkSettings.Networks['linked_inner'].Aliases).toContain('shop');
    expect(a.Config.Labels).toEqual(before.Config.Labels);
    expect(b.HostConfig.NetworkMode).toBe(`container:${a.Id}`);
    expect([a.State.Running, b.State.Running]).toEqual([true, true]);
  });

  test('the file that was last applied is kept beside the failed one, or comes back when it is asked for', async () => {
    const good = composeFile(
      'back',
      service('sleep 1000').replace(
        '    command',
        '    environment: { DB_PASSWORD: hunter2hunter2 }\n    command',
      ),
    );
    const bad = good
      .replace('sleep 1000', 'sleep 1001')
      .replace('"true"', '"false"')
      .replace('hunter2hunter2', 'changed99999');
    const folder = project.write(good);
    const path = `${folder.path}/compose.yaml`;
    await on.server.ok('compose_up', args());
    folder.write(bad);
    const kept = await on.server.call('compose_up', args());
    expect(kept.structuredContent).toMatchObject({
      outcome: 'rolled_back',
      files: [{ path, before: 'applied', restored: false, kept: `${path}.applied.bak` }],
    });
    expect(JSON.stringify(kept)).toContain('+    command: sleep 1001');
    expect(JSON.stringify(kept)).not.toMatch(/hunter2|changed9/);
    expect(JSON.stringify(kept.content)).toContain(`cp -- '${path}.applied.bak' '${path}'`);
    expect(readFileSync(`${path}.applied.bak`, 'utf8')).toBe(good);
    expect(statSync(`${path}.applied.bak`).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe(bad);

    const restored = await on.server.call('compose_up', args({ restoreFile: true }));
    expect(restored.structuredContent).toMatchObject({ outcome: 'rolled_back', files: [{ restored: true }] });
    expect(readFileSync(path, 'utf8')).toBe(good);
    const [{ kept: failed }] = (restored.structuredContent as { files: [{ kept: string }] }).files;
    expect(readFileSync(failed, 'utf8')).toBe(bad);
    expect(await on.server.ok<Up>('compose_up', args())).toMatchObject({ outcome: 'unchanged' });
    const { env } = on.server;
    const state = readdirSync(env['HOME'] ?? '', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`));
    expect(state.some((bytes) => /hunter2hunter2|changed99999/.test(bytes.toString('latin1')))).toBe(false);
  });

  test('where nothing was applied by us, the file from before its last edit is shown', async () => {
    project.write(composeFile('first', service('sleep 1000')));
    const set = [{ path: 'services.s0.healthcheck.test', value: ['CMD', 'false'] }];
    const { backup } = await on.server.ok<{ backup: string }>('compose_edit', args({ set }));
    const answer = await on.server.call('compose_up', args());
    expect(answer.structuredContent).toMatchObject({
      outcome: 'rolled_back',
      files: [
        {
          before: 'edit_backup',
          restored: false,
          kept: backup,
          diff: expect.stringContaining('-    healthcheck'),
        },
      ],
    });
  });

  test('a change that is cancelled while it waits for health is rolled back before its run ends', async () => {
    const folder = project.write(composeFile('halt', service('sleep 1000')));
    await on.server.ok('compose_up', args());
    folder.write(composeFile('halt', service('sleep 1001', 'false', 1000)));
    const { runs } = on.server.current().services.engine;
    const waiting = on.server.call('compose_up', args());
    const gated = () =>
      on.server
        .current()
        .services.engine.list()
        .runs.find(({ tool }) => tool === 'compose_up');
    await expect.poll(() => gated()?.progress?.message, { timeout: 60_000 }).toBe('0 of 1 containers ready');
    const { id } = gated() as { id: string };
    await on.server.ok('task_cancel', { id });
    await runs.wait(id, 60_000);
    expect((await waiting).structuredContent).toMatchObject({ code: 'CANCELLED' });
    expect(container('halt-s0-1')).toMatchObject({
      State: { Running: true },
      Config: { Cmd: ['sleep', '1000'] },
    });
  });
});
