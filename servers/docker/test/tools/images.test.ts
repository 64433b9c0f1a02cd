import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  importBusybox,
  startRegistry,
  type TestRegistry,
  whyNoDockerd,
  whyNoRegistry,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerHost } from '../helpers/docker-host.ts';

const reason = whyNoDockerd();

interface Images {
  rows: { images: { tags: string[]; usedBy: number; id: string }[] }[];
}

describe.skipIf(reason !== undefined)(`images${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const on = dockerHost();
  const row = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.row<T>(name, { alias: 'web1', ...args });
  const call = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
    on.server.ok<T>(name, { alias: 'web1', ...args });
  const fails = (name: string, args: Record<string, unknown> = {}) =>
    on.server.fails(name, { alias: 'web1', ...args });

  test('a list with uses, and another name for one', async () => {
    on.dockerd.docker('run', '-d', '--name', 'user', 'app:1', 'sleep', '600');
    expect(await call('image_tag', { image: 'app:1', tag: 'app:stable' })).toMatchObject({ changed: true });
    expect(await call('image_tag', { image: 'app:1', tag: 'app:stable' })).toMatchObject({ changed: false });
    const { rows, text } = await call<Images>('image_list', { text: 'app' });
    expect(rows[0]?.images).toMatchObject([
      { tags: expect.arrayContaining(['app:1', 'app:stable']), usedBy: 1 },
    ]);
    expect(text).toContain('app:stable');
    const unused = await call<Images>('image_list', { unused: true });
    expect(unused.rows[0]?.images).toEqual([]);
  });

  test("a name of another image is not moved by 'image_tag': ALREADY_EXISTS: unless forced", async () => {
    importBusybox(on.dockerd, 'other:1', { files: { 'etc/version': 'other' } });
    expect(await fails('image_tag', { image: 'other:1', tag: 'app:stable' })).toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect(await call('image_tag', { image: 'other:1', tag: 'app:stable', force: true })).toMatchObject({
      changed: true,
      before: expect.any(String),
    });
    expect(await fails('image_tag', { image: 'othr:1', tag: 'x:1' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { nearest: 'other:1' },
    });
  });

  test("NOT_FOUND: 'image_list' 'image_history' 'image_pull' 'image_push' 'image_remove'", async () => {
    expect(await on.server.fails('image_list', { alias: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fails('image_history', { image: 'nothing:1' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fails('image_push', { image: 'nothing:1' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fails('image_remove', { image: 'nothing:1' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await fails('image_pull', { image: '127.0.0.1:1/nothing:1' })).toMatchObject({
      code: 'SERVER_UNAVAILABLE',
    });
  });

  test('a build from a folder of the host, its layers, and its removal', async () => {
    const folder = join(on.sshd.home, "an app's folder");
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'Dockerfile'),
      'FROM app:1\nARG WORD\nLABEL word=$WORD\nCOPY greeting /etc/greeting\nCMD ["cat", "/etc/greeting"]\n',
    );
    writeFileSync(join(folder, 'greeting'), 'hello\n');
    const built = await call('image_build', { context: folder, tag: 'built:1', buildArgs: { WORD: "it's" } });
    expect(built).toMatchObject({ tag: 'built:1', id: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(on.dockerd.docker('run', '--rm', 'built:1')).toBe('hello');
    const { layers } = await row<{ layers: { by: string }[] }>('image_history', { image: 'built:1' });
    expect(layers.map(({ by }) => by).join('\n')).toMatch(/CMD.*\n(?:.*\n)*.*COPY/);
    expect(await call('image_remove', { image: 'built:1', dryRun: true })).toMatchObject({
      deleted: true,
      untagged: ['built:1'],
    });
    expect(on.dockerd.docker('images', '-q', 'built:1')).not.toBe('');
    expect(await call('image_remove', { image: 'built:1' })).toMatchObject({ deleted: true });
    expect(on.dockerd.docker('images', '-q', 'built:1')).toBe('');
  });

  test("'image_build' of a broken Dockerfile and 'image_remove' of an image in use: CONFLICT: with the words of the engine", async () => {
    const folder = join(on.sshd.home, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM app:1\nCOPY nothing /x\n');
    expect(await fails('image_build', { context: folder, tag: 'broken:1' })).toMatchObject({
      code: 'CONFLICT',
      details: { remote: expect.stringContaining('nothing') },
    });
    expect(await fails('image_remove', { image: 'app:1' })).toMatchObject({
      code: 'CONFLICT',
      details: { remote: 'user' },
    });
  });

  const noRegistry = whyNoRegistry();
  describe.skipIf(noRegistry !== undefined)(
    `with a registry${noRegistry ? ` (skipped: ${noRegistry})` : ''}`,
    () => {
      let registry: TestRegistry;
      beforeAll(async () => {
        registry = await startRegistry();
      });
      afterAll(() => registry?.stop());

      const image = (): string => `${registry.address}/shop/app:1`;
      let first: string | undefined;

      test('push and pull; the same again changes nothing', async () => {
        on.dockerd.docker('tag', 'app:1', image());
        const pushed = await call<{ digest: string }>('image_push', { image: image() });
        first = pushed.digest;
        expect(pushed).toMatchObject({ pushed: true, digest: expect.stringMatching(/^sha256:/) });
        const again = await call('image_push', { image: image(), idempotencyKey: 'pushed-again' });
        expect(again).toMatchObject({ pushed: false, digest: first });
        on.dockerd.docker('rmi', image());
        expect(await call('image_pull', { image: image() })).toMatchObject({ changed: true });
        const twice = await call('image_pull', { image: image(), idempotencyKey: 'twice' });
        expect(twice).toMatchObject({ changed: false });
      });

      test("a tag is never overwritten by accident: 'image_push' says ALREADY_EXISTS: unless forced", async () => {
        on.dockerd.docker('tag', 'other:1', image());
        const refused = await fails('image_push', { image: image(), idempotencyKey: 'other' });
        expect(refused).toMatchObject({ code: 'ALREADY_EXISTS', details: { digest: first } });
        const forced = await call('image_push', { image: image(), force: true });
        expect(forced).toMatchObject({ pushed: true, before: first });
        const absent = await fails('image_pull', { image: `${registry.address}/shop/app:none` });
        expect(absent).toMatchObject({ code: 'NOT_FOUND' });
      });

      test('a registry that wants a login gets that of the account on the host', async () => {
        // `app` with the password `pass-word-1`.
        const guarded = await startRegistry({
          login: 'app:$2y$05$abcdefghijklmnopqrstuupSO9sO3ASIekd.qADcbb/jgkLKkQBR2',
        });
        try {
          const name = `${guarded.address}/app:1`;
          on.dockerd.docker('tag', 'app:1', name);
          const refused = await fails('image_push', { image: name });
          expect(refused).toMatchObject({ code: 'UNSUPPORTED' });
          const auth = Buffer.from('app:pass-word-1').toString('base64');
          mkdirSync(join(on.sshd.home, '.docker'), { recursive: true });
          const file = join(on.sshd.home, '.docker', 'config.json');
          writeFileSync(file, JSON.stringify({ auths: { [guarded.address]: { auth } } }));
          const pushed = await call('image_push', { image: name, idempotencyKey: 'login' });
          expect(pushed).toMatchObject({ pushed: true });
          on.dockerd.docker('rmi', name);
          expect(await call('image_pull', { image: name })).toMatchObject({ changed: true });
        } finally {
          await guarded.stop();
        }
      });

      test('docker_run pulls what the host lacks', async () => {
        const image = `${registry.address}/shop/app:1`;
        on.dockerd.docker('rmi', image);
        const answer = await call('docker_run', {
          image,
          cmd: ['cat', '/etc/version'],
          wait: true,
          remove: true,
        });
        expect(answer).toMatchObject({ pulled: true, exitCode: 0, lines: ['other'] });
      });
    },
  );
});
