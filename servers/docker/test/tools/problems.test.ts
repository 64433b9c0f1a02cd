import { waitFor, whyNoDockerd } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { dockerHost } from '../helpers/docker-host.ts';

const reason = whyNoDockerd();

interface Found {
  rows: {
    problems: { kind: string; severity: string; container: string; what: string; evidence: string[] }[];
  }[];
}

describe.skipIf(reason !== undefined)(`what is wrong${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const on = dockerHost();
  const run = (...args: string[]): string => on.dockerd.docker('run', '-d', ...args);

  test('a host where everything goes wrong at once: what, where, why, the worst first', async () => {
    run('--name', 'well', 'app:1', 'sleep', '600');
    run('--name', 'stopped', 'app:1', 'sleep', '600');
    on.dockerd.docker('stop', '-t', '0', 'stopped');
    run(
      '--name',
      'looper',
      '--restart',
      'always',
      'app:1',
      'sh',
      '-c',
      'echo starting; echo "fatal: DB_PASSWORD=hunter22 refused by db"; exit 3',
    );
    run(
      '--name',
      'greedy',
      '-m',
      '16m',
      '--memory-swap',
      '16m',
      'app:1',
      'sh',
      '-c',
      'tail -c 200000000 /dev/zero',
    );
    run(
      '--name',
      'ill',
      '--health-cmd',
      'echo port 80 is closed; false',
      '--health-interval',
      '200ms',
      '--health-retries',
      '1',
      'app:1',
      'sleep',
      '600',
    );
    run('--name', 'wrong-command', 'app:1', 'sh', '-c', 'exit 127');
    expect(() => run('--name', 'never', 'app:1', '/no/such/program')).toThrow();
    const { rows, text } = await waitFor(
      async () => {
        const answer = await on.server.ok<Found>('docker_problems', { alias: 'web1' });
        const kinds = new Set(answer.rows[0]?.problems.map(({ kind }) => kind));
        return ['restart_loop', 'unhealthy', 'out_of_memory'].every((kind) => kinds.has(kind)) && answer;
      },
      { timeoutMs: 35_000, intervalMs: 300, what: 'the problems' },
    );
    const problems = rows[0]?.problems ?? [];
    const of = (container: string) => problems.filter((problem) => problem.container === container);
    expect(of('well')).toEqual([]);
    expect(of('stopped')).toEqual([]);
    expect(of('looper')).toMatchObject([
      { kind: 'restart_loop', severity: 'critical', evidence: [expect.stringContaining('refused by db')] },
    ]);
    expect(of('greedy')).toMatchObject([
      { kind: 'out_of_memory', severity: 'critical', what: expect.stringContaining('16.0 MiB') },
    ]);
    expect(of('ill')).toMatchObject([
      { kind: 'unhealthy', evidence: [expect.stringContaining('port 80 is closed')] },
    ]);
    expect(of('wrong-command')).toMatchObject([
      { kind: 'exited', severity: 'warning', what: expect.stringContaining('not found') },
    ]);
    expect(of('never')).toMatchObject([
      { kind: 'cannot_start', severity: 'critical', evidence: [expect.stringContaining('/no/such/program')] },
    ]);
    const order = problems.map(({ severity }) => ['critical', 'warning', 'info'].indexOf(severity));
    expect(order).toEqual(order.toSorted());
    expect(text).toMatch(/^\d+ problems, 7 containers on 1 hosts looked at\n--- findings/);
    expect(JSON.stringify({ rows, text })).not.toContain('hunter22');
  });

  test("'docker_problems' where there is no engine: UNSUPPORTED: in the row of the host", async () => {
    const server = on.server;
    await server.addHost('bare', on.sshd);
    const answer = await server.call('docker_problems', { alias: ['bare', 'web1'] });
    expect(answer.structuredContent).toMatchObject({
      rows: [{ alias: 'bare' }, { alias: 'web1', state: 'ok' }],
    });
  });
});
