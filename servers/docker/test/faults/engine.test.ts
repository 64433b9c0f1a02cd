import { once } from 'node:events';
import {
  type SocketRights,
  startSocketSshd,
  type TestDockerd,
  type TestSshd,
  whyNoDockerd,
  whyNoSocketUsers,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { engines, withEngine } from '../../src/lib/engine/engines.ts';
import { createDemuxer } from '../../src/lib/engine/frames.ts';
import { startMachine, stopMachine } from '../helpers/docker-host.ts';
import { type TestServer, testServer } from '../helpers/test-server.ts';

const reason = whyNoDockerd() ?? whyNoSocketUsers();
const named = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(`the ways to an engine${named}`, () => {
  let dockerd: TestDockerd;
  let server: TestServer;
  const hosts: TestSshd[] = [];
  const cases: [alias: string, rights: SocketRights, config: string[], how: string][] = [
    ['in-group', 'group', [], 'forward'],
    ['by-sudo', 'sudo', [], 'sudo'],
    ['no-rights', 'none', [], ''],
    ['no-forward', 'group', ['AllowStreamLocalForwarding no'], 'dial-stdio'],
    ['no-forward-sudo', 'sudo', ['DisableForwarding yes'], 'sudo'],
  ];

  beforeAll(async () => {
    ({ dockerd } = await startMachine());
    for (const [, rights, config] of cases) hosts.push(await startSocketSshd(rights, { config }));
    const sockets = Object.fromEntries(cases.map(([alias]) => [alias, dockerd.socket]));
    server = await testServer({ sockets });
    for (const [index, [alias]] of cases.entries()) await server.addHost(alias, hosts[index] as TestSshd);
  });

  afterAll(async () => {
    await server?.close();
    for (const host of hosts) await host.stop();
    await stopMachine();
  });

  test.each(cases.filter(([, , , how]) => how !== ''))('%s', async (alias, _rights, _config, how) => {
    const engine = await server.engine(alias);
    expect(engine).toMatchObject({
      kind: 'docker',
      route: { how },
      apiVersion: expect.stringMatching(/^1\./),
    });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => engine.json(z.object({ ID: z.string() }), '/info')),
    );
    expect(new Set(answers.map(({ ID }) => ID)).size).toBe(1);
  });

  test('no rights: what is missing, and what to do', async () => {
    await expect(server.engine('no-rights')).rejects.toMatchObject({
      code: 'DENIED',
      hint: expect.stringContaining('usermod -aG docker'),
    });
  });

  test('an exec: the connection is handed over, output in frames, exit code', async () => {
    for (const alias of ['in-group', 'by-sudo', 'no-forward']) {
      const engine = await server.engine(alias);
      const id = dockerd.docker('run', '-d', 'app:1', 'sleep', '600');
      const Cmd = ['sh', '-c', 'cat; echo oops >&2; exit 7'];
      const exec = await engine.json(z.object({ Id: z.string() }), `/containers/${id}/exec`, {
        method: 'POST',
        body: { Cmd, AttachStdin: true, AttachStdout: true, AttachStderr: true },
      });
      const { stream, first } = await engine.hijack(`/exec/${exec.Id}/start`, {
        body: { Detach: false, Tty: false },
      });
      const take = createDemuxer();
      const seen = { stdout: '', stderr: '' };
      const add = (chunk: Buffer): void => {
        for (const { stream: name, bytes } of take(chunk)) seen[name] += bytes.toString();
      };
      add(first);
      stream.on('data', add);
      stream.write('typed\n');
      stream.end();
      await once(stream, 'end');
      stream.destroy();
      expect(seen).toEqual({ stdout: 'typed\n', stderr: 'oops\n' });
      const Ended = z.object({ ExitCode: z.number(), Running: z.boolean() });
      expect(await engine.json(Ended, `/exec/${exec.Id}/json`)).toEqual({ ExitCode: 7, Running: false });
    }
  });

  test('refusals of the engine are errors of the table, its words as data', async () => {
    const engine = await server.engine('in-group');
    await expect(engine.send('/containers/nobody/json')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { status: 404, remote: expect.stringContaining('nobody') },
    });
    await expect(engine.send('/containers/json', { maxBytes: 1 })).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      details: { maxBytes: 1 },
    });
    const events = engine.send('/events', { timeoutMs: 100 });
    await expect(events).rejects.toMatchObject({ code: 'TIMEOUT' });
    const ending = new AbortController();
    const cut = engine.send('/events', { signal: ending.signal });
    ending.abort();
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('a connection that is used again and again gathers no listeners', async () => {
    const warnings: string[] = [];
    const warned = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warned);
    const engine = await server.engine('in-group');
    for (let count = 0; count < 15; count++) await engine.send('/_ping');
    await new Promise(setImmediate);
    process.off('warning', warned);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });

  test('one engine per host and process; another host record, another engine', async () => {
    const one = await server.engine('in-group');
    expect(await server.engine('in-group')).toBe(one);
    await server.addHost('in-group', hosts[0] as TestSshd, { groups: ['web'] });
    expect(await server.engine('in-group')).not.toBe(one);
  });

  test('idle connections that died are replaced, also after a restart of the engine', async () => {
    const context = server.context;
    const read = (): Promise<unknown> =>
      withEngine(context, 'no-forward', (engine) => engine.json(z.unknown(), '/info'));
    await read();
    hosts[3]?.killSessions();
    await read();
    await dockerd.restart();
    await read();
    expect((await context.use(engines)).get('no-forward')).toBeDefined();
  });
});
