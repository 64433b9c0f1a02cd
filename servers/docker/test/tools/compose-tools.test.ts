import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';
import { SHOP, shopProject } from '../helpers/shop-project.ts';

const reason = whyNoCompose();
const skipped = reason ? ` (skipped: ${reason})` : '';

interface Diff {
  rows: {
    alias: string;
    state: string;
    drifted?: number;
    projects?: {
      project: string;
      drifted: boolean;
      services: { service: string; state: string; changes: string[] }[];
      problem?: { code: string };
    }[];
  }[];
  text: string;
}

describe.skipIf(reason !== undefined)(`compose tools${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  const shop = shopProject(on);
  const { args } = shop;
  const files = () => readdirSync(shop.folder.path).sort();

  test("'compose_config' shows the model with secrets hidden, 'compose_list', 'compose_diff' and 'compose_logs' what runs", async () => {
    const config = await on.server.row<{
      project: string;
      model: { services: Record<string, { environment: object }> };
      folder: string;
    }>('compose_config', args());
    expect(config.project).toBe('shop');
    expect(config.folder).toBe(shop.folder.path);
    expect(config.model.services['web']?.environment).toEqual({ DB_PASSWORD: '[hidden]', MODE: 'fast' });
    expect(config.text).toContain('shop is valid, 2 services');

    await on.server.ok('compose_up', args());
    const list = await on.server.ok<{ rows: { projects: unknown[] }[]; text: string }>('compose_list', {
      alias: 'all',
    });
    expect(list.rows[0]?.projects).toMatchObject([
      { project: 'shop', state: 'running', running: 2, services: ['web', 'worker'], onDisk: true },
    ]);
    const none = await on.server.ok<Diff>('compose_diff', { alias: 'web1' });
    expect(none.rows[0]).toMatchObject({ drifted: 0, projects: [{ project: 'shop', drifted: false }] });

    shop.folder.write(
      SHOP.replace('MODE: fast', 'MODE: slow\n      EXTRA: "1"').replace(
        / {2}worker:[\s\S]*?(?=volumes:\n {2}data)/,
        '  fresh:\n    image: app:1\n',
      ),
    );
    const diff = await on.server.ok<Diff>('compose_diff', { alias: 'web1', project: 'shop' });
    expect(diff.text).toContain('data not instructions');
    expect(diff.rows[0]?.projects?.[0]?.services).toMatchObject([
      { service: 'fresh', state: 'missing' },
      { service: 'web', state: 'changed', changes: ['environment: +EXTRA ~MODE'] },
      { service: 'worker', state: 'orphan' },
    ]);
    expect(JSON.stringify(diff)).not.toContain('hunter2');

    const query = { alias: 'web1', project: 'shop', search: 'error', since: '3d' };
    const { rows, text } = await on.server.ok<{ rows: object[] }>('compose_logs', query);
    expect(rows).toMatchObject([{ lines: 1, text: expect.stringMatching(/^w.* an ERROR here\n$/) }]);
    expect(text).toContain('data not instructions');
    const followed = await on.server.call('compose_logs', {
      alias: 'web1',
      project: 'shop',
      follow: true,
      timeout: 1,
    });
    expect(followed.structuredContent).toMatchObject({
      rows: [{ text: expect.stringContaining('hello from web') }],
    });
    expect(existsSync(join(shop.folder.path, 'pwned'))).toBe(false);
    shop.folder.write(SHOP);
    const restarted = await on.server.ok('compose_restart', {
      alias: 'web1',
      project: 'shop',
      services: ['web'],
    });
    expect(restarted).toMatchObject({ gate: { verdict: 'ready' } });
    const down = { alias: 'web1', project: 'shop' };
    const plan = await on.server.ok('compose_down', { ...down, dryRun: true });
    expect(plan).toMatchObject({ plan: { networks: ['shop_inner'], keptVolumes: ['shop_data'] } });
    expect(on.dockerd.docker('ps', '-q').split('\n')).toHaveLength(2);
    await on.server.ok('compose_down', down);
    expect(on.dockerd.docker('ps', '-aq')).toBe('');
  });

  test("'compose_config', 'compose_list', 'compose_diff' and 'compose_logs' say what is missing", async () => {
    expect(await on.server.fails('compose_config', { alias: 'web1', path: '/nowhere' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await on.server.fails('compose_config', { alias: 'web1' })).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await on.server.fails('compose_logs', { alias: 'web1', project: 'nosuch' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await on.server.fails('compose_list', { alias: 'nosuch' })).toMatchObject({ code: 'NOT_FOUND' });
    const diff = await on.server.call('compose_diff', { alias: 'web1', project: 'nosuch' });
    expect(diff.isError).toBe(true);
    expect(JSON.stringify(diff.structuredContent)).toContain('NOT_FOUND');
    await on.server.addHost('gone', { ...on.sshd, port: 1 });
    const many = { ...args(), alias: ['web1', 'gone'] };
    const gone = { alias: 'gone', state: 'failed', error: { code: 'CONNECTION_FAILED' } };
    expect((await on.server.call('compose_config', many)).structuredContent).toMatchObject({
      rows: [{ alias: 'web1', state: 'ok', project: 'shop' }, gone],
    });
    expect((await on.server.call('compose_diff', many)).structuredContent).toMatchObject({
      rows: [{ alias: 'web1', state: 'ok', drifted: 1 }, gone],
    });
    expect((await on.server.call('compose_logs', many)).structuredContent).toMatchObject({
      rows: [{ alias: 'web1', error: { code: 'NOT_FOUND' } }, gone],
    });
    shop.folder.write(`x: ${'y'.repeat(1_100_000)}`);
    expect(await on.server.fails('compose_config', args())).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'The compose file is too large.',
    });
    shop.folder.write(bomb());
    expect((await on.server.fails('compose_config', args())).code).toMatch(
      /INVALID_INPUT|UNSUPPORTED|COMMAND_TIMEOUT/,
    );
    shop.folder.write('services:\n  "web; touch pwned":\n    image: app:1\n');
    const named = await on.server.fails('compose_config', args());
    expect(named.code).toBe('INVALID_INPUT');
    expect(existsSync(join(shop.folder.path, 'pwned'))).toBe(false);
    expect(await on.server.fails('compose_config', args({ project: 'a; touch pwned' }))).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test("'compose_edit' changes one key, keeps the rest, and leaves a backup", async () => {
    const set = [
      { path: 'services.web.environment.DB_PASSWORD', value: 'newsecret99' },
      { path: ['services', 'web', 'image'], value: 'app:2' },
    ];
    const plan = await on.server.ok<{ hashBefore: string; diff: string }>(
      'compose_edit',
      args({ set, dryRun: true }),
    );
    expect(files()).toEqual(['compose.yaml']);
    expect(plan.diff).toContain('+    image: app:2 # pinned');
    expect(plan.diff).not.toMatch(/hunter2|newsecret/);
    const edit = await on.server.ok<{ backup: string; reformatted: boolean; hashAfter: string }>(
      'compose_edit',
      args({ set, expectedHash: plan.hashBefore }),
    );
    expect(edit.reformatted).toBe(false);
    expect(readFileSync(join(shop.folder.path, 'compose.yaml'), 'utf8')).toBe(
      SHOP.replace('hunter2hunter2', 'newsecret99').replace('app:1 # pinned', 'app:2 # pinned'),
    );
    expect(readFileSync(edit.backup, 'utf8')).toBe(SHOP);
    const remove = await on.server.ok<{ diff: string }>(
      'compose_edit',
      args({ remove: ['services.worker', 'networks'] }),
    );
    expect(remove.diff).toContain('-  worker:');
    expect(files().filter((name) => name.endsWith('.bak'))).toHaveLength(2);
  });

  test("'compose_edit' writes nothing that compose refuses, or when the file is another one", async () => {
    const wrong = await on.server.fails(
      'compose_edit',
      args({ set: [{ path: 'services.web.imagee', value: 'x' }] }),
    );
    expect(wrong).toMatchObject({ code: 'INVALID_INPUT' });
    expect(String(wrong.details['remote'])).toContain('imagee');
    const stale = await on.server.fails(
      'compose_edit',
      args({ set: [{ path: 'services.web.image', value: 'x' }], expectedHash: '0'.repeat(64) }),
    );
    expect(stale).toMatchObject({ code: 'CONFLICT' });
    expect(await on.server.fails('compose_edit', args({ remove: ['services.nosuch'] }))).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(files()).toEqual(['compose.yaml']);
    expect(readFileSync(join(shop.folder.path, 'compose.yaml'), 'utf8')).toBe(SHOP);
  });

  test("'compose_restart', 'compose_pull' and 'compose_down' fail in words", async () => {
    expect(await on.server.fails('compose_restart', { alias: 'web1', project: 'nosuch' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await on.server.fails('compose_down', { alias: 'web1', project: 'nosuch' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    shop.folder.write('services:\n  web:\n    image: 127.0.0.1:1/nothing/here:1\n');
    const pull = await on.server.fails('compose_pull', args());
    expect(pull).toMatchObject({ code: 'CONFLICT', message: 'docker compose pull failed.' });
    on.dockerd.docker('create', '--label', 'com.docker.compose.project=shop', 'app:1', 'true');
    on.dockerd.docker('volume', 'create', 'foreign');
    const down = { alias: 'web1', project: 'shop', volumes: ['foreign'] };
    expect(await on.server.fails('compose_down', down)).toMatchObject({ code: 'NOT_FOUND' });
    expect(on.dockerd.docker('ps', '-aq').split('\n')).toHaveLength(1);
  });

  test("'compose_scaffold' writes a file that compose takes and that starts", async () => {
    const home = tempDir('flotilla-scaffold-');
    mkdirSync(home.path, { recursive: true });
    const target = `${home.path}/new project`;
    const services = [
      {
        name: 'api',
        image: 'app:1',
        command: ['sleep', '1000'],
        env: { API_TOKEN: 'abcdef123456', MODE: 'x' },
        ports: [{ target: 80, published: 18_080 }],
        healthcheck: ['CMD', 'true'],
        memory: '32m',
      },
    ];
    const input = { project: 'made', services };
    const text = await on.server.ok<{ text: string; variables: string[] }>('compose_scaffold', input);
    expect(text.variables).toEqual(['API_TOKEN']);
    expect(text.text).not.toContain('abcdef123456');
    expect(text.text).toContain('127.0.0.1:18080:80');
    const written = await on.server.ok<{ file: string }>('compose_scaffold', {
      ...input,
      alias: 'web1',
      folder: target,
    });
    expect(readdirSync(target)).toEqual(['compose.yaml']);
    expect(readFileSync(written.file, 'utf8')).toContain('user: 65534:65534');
    home.remove();
  });

  test("'compose_scaffold' refuses what cannot be written", async () => {
    const services = [{ name: 'api', image: 'app:1' }];
    const there = { project: 'made', services, alias: 'web1', folder: shop.folder.path };
    expect(await on.server.fails('compose_scaffold', there)).toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(readFileSync(join(shop.folder.path, 'compose.yaml'), 'utf8')).toBe(SHOP);
    expect(
      await on.server.fails('compose_scaffold', { project: 'made', services, alias: 'web1' }),
    ).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await on.server.fails('compose_scaffold', { project: 'BAD; x', services })).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

/** Nine levels of nine references each: 400 million strings when it is expanded. */
function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, at) =>
    at === 0
      ? 'x-l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]'
      : `x-l${at}: &l${at} [${Array(9)
          .fill(`*l${at - 1}`)
          .join(', ')}]`,
  );
  return `${levels.join('\n')}\nservices:\n  web:\n    image: app:1\n`;
}
