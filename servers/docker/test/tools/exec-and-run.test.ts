import { waitFor, whyNoDockerd } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { execByApi } from '../../src/lib/run/exec-api.ts';
import { stopExec } from '../../src/lib/run/stop-exec.ts';
import { dockerHost } from '../helpers/docker-host.ts';

const reason = whyNoDockerd();

describe.skipIf(reason !== undefined)(
  `commands and new containers${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const on = dockerHost();
    const call = <T = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}) =>
      on.server.ok<T>(name, { alias: 'web1', ...args });
    const fails = (name: string, args: Record<string, unknown> = {}) =>
      on.server.fails(name, { alias: 'web1', ...args });

    test('a command in a container: words as they are, input, environment, folder, user', async () => {
      on.dockerd.docker('run', '-d', '--name', 'app', 'app:1', 'sleep', '600');
      const nasty = `it's "$HOME"; $(id) \`id\` \\ * \u001b[31m`;
      expect(await call('docker_exec', { container: 'app', cmd: ['echo', nasty] })).toMatchObject({
        exitCode: 0,
        stdout: `${nasty}\n`,
        stderr: '',
      });
      const rest = {
        cmd: 'cat; pwd; id -u; echo "$GREETING" >&2',
        stdin: 'typed\n',
        env: { GREETING: 'h\'i "you"' },
        cwd: '/tmp',
        user: '65534',
      };
      expect(await call('docker_exec', { container: 'app', ...rest })).toMatchObject({
        stdout: 'typed\n/tmp\n65534\n',
        stderr: 'h\'i "you"\n',
      });
    });

    test("'docker_exec' that ends badly is an answer with isError; in one that does not run it is a CONFLICT", async () => {
      const answer = await on.server.call('docker_exec', {
        alias: 'web1',
        container: 'app',
        cmd: 'echo no >&2; exit 7',
      });
      expect(answer).toMatchObject({ isError: true, structuredContent: { exitCode: 7, stderr: 'no\n' } });
      on.dockerd.docker('create', '--name', 'idle', 'app:1', 'sleep', '1');
      expect(await fails('docker_exec', { container: 'idle', cmd: 'true' })).toMatchObject({
        code: 'CONFLICT',
      });
      expect(await fails('docker_exec', { container: 'nobody', cmd: 'true' })).toMatchObject({
        code: 'NOT_FOUND',
      });
      const late = await fails('docker_exec', { container: 'app', cmd: 'echo begun; sleep 60', timeout: 1 });
      expect(late).toMatchObject({
        code: 'COMMAND_TIMEOUT',
        details: { remote: expect.stringContaining('begun') },
      });
    });

    const running = (): string => on.dockerd.docker('exec', 'app', 'ps');

    test('at its time limit and on a cancel nothing of a command is left in the container', async () => {
      const cmd = 'sleep 7001 & (sleep 7002); wait';
      const late = await fails('docker_exec', { container: 'app', cmd, timeout: 1 });
      expect(late.hint).toContain('was ended');
      const call = on.server.call('docker_exec', { alias: 'web1', container: 'app', cmd: 'sleep 7003' });
      await waitFor(() => running().includes('sleep 7003'), { what: 'the command in the container' });
      const { rows } = await on.server.ok<{ rows: { id: string }[] }>('task_queue');
      expect(rows).toHaveLength(1);
      await on.server.ok('task_cancel', { id: rows[0]?.id });
      await call;
      expect(running()).not.toMatch(/sleep 700\d/);
    });

    test('what belongs to others than root on the host, too; without a shell there it is said', async () => {
      const { docker } = on.dockerd;
      const engine = await on.server.engine('web1');
      const signal = AbortSignal.timeout(15_000);
      const mark = 'run_of_a_test';
      docker('exec', '-d', '-u', '65534', '-e', `FLOTILLA_EXEC=${mark}`, 'app', 'sleep', '7004');
      await waitFor(() => running().includes('sleep 7004'), { what: 'the command in the container' });
      const other = { container: 'app', user: '65534', mark: 'run_of_another' };
      expect(await stopExec(engine, other, signal)).toBe('stopped');
      expect(running()).toContain('sleep 7004');
      expect(await stopExec(engine, { ...other, mark }, signal)).toBe('stopped');
      expect(running()).not.toContain('sleep 7004');
      expect(await stopExec(engine, { container: 'idle', mark }, signal)).toBe('unknown');
    });

    test('an exec over the API alone, as on a host without a client', async () => {
      const engine = await on.server.engine('web1');
      const signal = new AbortController().signal;
      const input = {
        container: 'app',
        cmd: ['sh', '-c', 'cat; echo "$A" >&2; exit 5'],
        stdin: 'typed\n',
        env: { A: 'b' },
      };
      expect(await execByApi(engine, input, signal)).toEqual({
        exitCode: 5,
        stdout: 'typed\n',
        stderr: 'b\n',
        truncated: false,
      });
      const long = await execByApi(engine, { container: 'app', cmd: 'head -c 200000 /dev/zero' }, signal);
      expect(long).toMatchObject({ exitCode: 0, truncated: true });
      expect(long.stdout.length).toBe(65_536);
      await expect(execByApi(engine, { container: 'ap', cmd: 'true' }, signal)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        details: { nearest: 'app' },
      });
      const cut = { container: 'app', cmd: 'echo begun; sleep 7005' };
      expect(await execByApi(engine, cut, AbortSignal.timeout(500))).toMatchObject({
        exitCode: null,
        stdout: 'begun\n',
      });
    });

    test('a container in the background: made once, looked at', async () => {
      const answer = await call<{ id: string }>('docker_run', {
        image: 'app:1',
        name: 'web',
        cmd: ['sh', '-c', 'echo "$SECRET_WORD" > /data/word; sleep 600'],
        env: { SECRET_WORD: "o'hara" },
        volumes: ['store:/data'],
        labels: { team: 'a' },
        restart: 'unless-stopped',
        memoryBytes: 64 * 1024 * 1024,
        cpus: 0.5,
      });
      expect(answer).toMatchObject({ container: 'web', state: 'running', pulled: false });
      const made = JSON.parse(on.dockerd.docker('inspect', 'web'))[0];
      expect(made).toMatchObject({
        Config: { Labels: { team: 'a' }, Env: expect.arrayContaining(["SECRET_WORD=o'hara"]) },
        HostConfig: {
          Binds: ['store:/data'],
          Memory: 64 * 1024 * 1024,
          NanoCpus: 5e8,
          RestartPolicy: { Name: 'unless-stopped' },
        },
      });
      expect(on.dockerd.docker('exec', 'web', 'cat', '/data/word')).toBe("o'hara");
    });

    test('a container to its end: its log and exit code, removed after', async () => {
      const answer = await on.server.call('docker_run', {
        alias: 'web1',
        image: 'app:1',
        name: 'job',
        cmd: ['sh', '-c', 'echo working; exit 3'],
        wait: true,
        remove: true,
      });
      expect(answer).toMatchObject({
        isError: true,
        structuredContent: { state: 'exited', exitCode: 3, lines: ['working'], removed: true },
      });
      expect(on.dockerd.docker('ps', '-aq', '--filter', 'name=^job$')).toBe('');
      const plan = await call('docker_run', { image: 'app:1', name: 'planned', dryRun: true });
      expect(plan).toMatchObject({ dryRun: true, state: 'planned', pulled: false });
      expect(on.dockerd.docker('ps', '-aq', '--filter', 'name=^planned$')).toBe('');
    });

    test("'docker_run' refuses a name that is taken: ALREADY_EXISTS: and arguments that it cannot read", async () => {
      expect(await fails('docker_run', { image: 'app:1', name: 'web', cmd: ['sleep', '2'] })).toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      expect(await fails('docker_run', { image: 'app:1', name: 'x', ports: ['eighty'] })).toMatchObject({
        code: 'INVALID_INPUT',
      });
      expect(await fails('docker_run', { image: 'app:1', name: 'x', volumes: ['../etc:/x'] })).toMatchObject({
        code: 'INVALID_INPUT',
      });
      expect(await fails('docker_run', { image: 'none:1', name: 'x', pull: 'never' })).toMatchObject({
        code: 'NOT_FOUND',
      });
    });
  },
);
