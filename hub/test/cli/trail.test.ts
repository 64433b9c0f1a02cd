import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
  await fleet.flotilla(['exec', 'web1', '--', 'echo audited']);
});
afterAll(() => fleet.stop());

const flotilla: Fleet['flotilla'] = (...call) => fleet.flotilla(...call);

describe('audit', () => {
  test('holds what a person did, with the tool and the host', async () => {
    const { stdout } = await flotilla(['audit', 'search']);
    expect(stdout).toMatch(/cli:\d+ \(flotilla[^)]*\) +task_exec +web1/);
    expect(stdout).toMatch(/server_add/);
  });

  test('by text, host, tool and time', async () => {
    const rows = async (...filter: string[]): Promise<{ tool: string }[]> =>
      ((await flotilla(['audit', 'search', ...filter, '--json'])).json() as { rows: { tool: string }[] })
        .rows;
    expect((await rows('echo audited', '--tool', 'task_exec')).map(({ tool }) => tool)).toEqual([
      'task_exec',
    ]);
    expect((await rows('--tool', 'server_a*', '--host', 'web1')).map(({ tool }) => tool)).toEqual([
      'server_add',
    ]);
    expect(await rows('--since', '2999-01-01')).toEqual([]);
    expect(await rows('--limit', '1')).toHaveLength(1);
  });

  test('a time that is none is refused', async () => {
    expect((await flotilla(['audit', 'search', '--since', 'yesterday-ish'])).code).toBe(2);
  });

  test('the chain holds, and a known head is still part of it', async () => {
    const head = (await flotilla(['audit', 'head'])).stdout.trim();
    expect(head).toMatch(/^\d+:[0-9a-f]{64}$/);
    expect(await flotilla(['audit', 'verify', '--known', head])).toMatchObject({ code: 0 });
    const [seq] = head.split(':');
    const forged = await flotilla(['audit', 'verify', '--known', `${seq}:${'0'.repeat(64)}`]);
    expect(forged.code).toBe(1);
    expect(forged.stdout).toContain('fail');
    expect((await flotilla(['audit', 'verify', '--known', 'x'])).code).toBe(2);
  });
});

describe('logs', () => {
  const line = (level: number, msg: string): string =>
    `${JSON.stringify({ pid: 1, level, time: Date.parse('2030-01-31T12:00:00Z'), msg })}\n`;
  beforeAll(() => {
    const file = join(fleet.machine.dataDir, 'hub.log');
    writeFileSync(`${file}.1`, line(30, 'from the older file'));
    writeFileSync(file, `${line(30, 'started')}not json\n${line(50, 'broke\u001b[2J')}`);
    appendFileSync(file, '{"half a line');
  });

  test('oldest first, the older file too, control characters visible, broken lines left out', async () => {
    const { code, stdout } = await flotilla(['logs']);
    expect(code).toBe(0);
    const words = stdout
      .trim()
      .split('\n')
      .map((text) => text.replace(/ \{.*/, ''));
    expect(words).toEqual([
      '2030-01-31T12:00:00.000Z INFO  from the older file',
      '2030-01-31T12:00:00.000Z INFO  started',
      '2030-01-31T12:00:00.000Z ERROR broke␛[2J',
    ]);
  });

  test('by level, by text, as JSON', async () => {
    expect((await flotilla(['logs', '--level', 'error'])).stdout).not.toContain('started');
    expect((await flotilla(['logs', '--search', 'STARTED', '--limit', '1'])).stdout).toContain('started');
    expect((await flotilla(['logs', '--json'])).json()).toHaveLength(3);
    expect(await flotilla(['logs', '--search', 'nowhere'])).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('doctor', () => {
  test('every line has a state; a healthy folder is 0', async () => {
    const { code, stdout } = await flotilla(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}state file: /m);
    expect(stdout).toMatch(/mounted servers: ssh-exec/);
  });

  test('what fails comes last, with its remedy, and is 1', async () => {
    const config = join(fleet.machine.dataDir, 'config.json');
    const mcpServers = { 'ssh-exec': {}, gone: { command: '/no/such/program' } };
    writeFileSync(config, JSON.stringify({ mcpServers }));
    const { code, stdout } = await flotilla(['doctor']);
    writeFileSync(config, '{}');
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail {2}mounted servers: gone .*\n {6}→ /);
  });

  test('--json is the answer of system_diagnostics', async () => {
    expect((await flotilla(['doctor', '--json'])).json()).toMatchObject({ findings: expect.any(Array) });
  });
});
