import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { startSshd, type TempDir, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, failureOf, handleOf, rowOf } from '../support/fleet.ts';
import { addHost, startHub, type TestHome, type TestHub, type ToolResult, testHome } from '../support/hub.ts';

const mayMount = userInfo().uid === 0;

describe.skipIf(!mayMount)(`a full disk${mayMount ? '' : ' (needs root, to mount a small tmpfs)'}`, () => {
  let sshd: TestSshd;
  let home: TestHome;
  let hub: TestHub;
  let disk: TempDir;
  const filler = (): string => join(disk.path, 'filler');

  beforeAll(async () => {
    sshd = await startSshd();
    disk = tempDir('flotilla-disk-');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=700', 'tmpfs', disk.path]);
    home = testHome({ FLOTILLA_DATA_DIR: join(disk.path, 'data'), MCP_SYNC_TIMEOUT_S: '2' });
    mkdirSync(join(disk.path, 'data'), { mode: 0o700 });
    hub = await startHub(home);
    await addHost(hub, home, sshd);
  });

  afterAll(async () => {
    await hub?.close();
    await sshd?.stop();
    home?.remove();
    if (disk) execFileSync('umount', ['-l', disk.path]);
    disk?.remove();
  });

  /** Not one byte more fits. */
  function fill(): void {
    const fd = openSync(filler(), 'a');
    try {
      for (const size of [65_536, 1]) {
        const chunk = Buffer.alloc(size);
        try {
          for (;;) writeSync(fd, chunk);
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
        }
      }
    } finally {
      closeSync(fd);
    }
  }
  const free = (): void => rmSync(filler());

  const exec = (cmd: string) => hub.call('task_exec', { alias: 'web1', cmd });

  /** Calls until one is refused with STORAGE_FULL; the runs that were acknowledged before. */
  async function untilFull(run: (number: number) => Promise<ToolResult>) {
    const acknowledged: { number: number; id: string }[] = [];
    for (let number = 0; number < 500; number += 1) {
      const answer = await run(number);
      const data = answer.structuredContent as { code?: string; run?: { id: string } };
      if (data.code !== undefined) {
        failureOf(answer, 'STORAGE_FULL');
        return acknowledged;
      }
      acknowledged.push({ number, id: data.run?.id ?? rowOf(answer).runId });
    }
    throw new Error('the disk is not full');
  }

  /** The log of the state file is written back at times, and then takes a few more writes: until one is refused. */
  async function refused(call: (number: number) => Promise<ToolResult>): Promise<ToolResult> {
    for (let number = 0; number < 500; number += 1) {
      const answer = await call(number);
      if (answer.isError) return answer;
    }
    throw new Error('the disk is not full');
  }

  test('every write fails cleanly, nothing acknowledged is lost, and it goes on when there is room', async () => {
    const before = rowOf(await exec('echo kept'));
    const gate = join(sshd.home, 'gate');
    const open = handleOf(await exec(`until [ -e '${gate}' ]; do sleep 0.05; done; seq 20000; exit 7`));
    fill();

    // The last bytes of files that have room left go first; then every write fails.
    const marks = join(sshd.home, 'marks');
    const acknowledged = await untilFull((n) => exec(`echo ${n} >> '${marks}'`));
    const failures = [
      await refused(() => hub.call('server_group_set', { name: 'web', aliases: ['web1'] })),
      await refused((n) =>
        hub.call('server_add', {
          alias: `other${n}`,
          host: sshd.host,
          port: sshd.port,
          user: 'x',
          verify: false,
        }),
      ),
      await refused((n) => hub.call('script_run', { alias: 'web1', script: `echo script${n}` })),
    ];
    for (const answer of failures) {
      const { hint, message } = failureOf(answer, 'STORAGE_FULL');
      expect(`${message} ${hint}`).toMatch(/disk|space/);
    }
    const numbers = acknowledged.map(({ number }) => String(number));
    const ran = existsSync(marks) ? readFileSync(marks, 'utf8').trim().split('\n') : [];
    expect(ran).toEqual(numbers.slice(0, ran.length));

    expect(await hub.ok('task_status', { id: before.runId })).toMatchObject({ state: 'succeeded' });
    expect(await hub.ok('task_output', { id: before.runId })).toMatchObject({ text: 'kept\n' });
    expect(JSON.stringify(await hub.ok('server_list'))).toContain('web1');

    writeFileSync(gate, '');
    free();
    for (const { id } of acknowledged) expect(await ended(hub, id)).toMatchObject({ state: 'succeeded' });
    expect(readFileSync(marks, 'utf8').trim().split('\n').toSorted()).toEqual(numbers.toSorted());
    const end = await ended(hub, open.id);
    expect(end).toMatchObject({ state: 'failed', steps: [{ exitCode: 7 }] });
    const output = await hub.ok<{ text: string; complete: boolean }>('task_output', {
      id: open.id,
      limit: 262_144,
    });
    expect(output.text).toBe(Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join(''));

    expect(rowOf(await exec('echo again')).stdout).toBe('again\n');
    await hub.ok('server_group_set', { name: 'web', aliases: ['web1'] });
  }, 90_000);

  test('a run whose output does not fit waits for room, says so, and then has all of it', async () => {
    const answer = await exec('head -c 20000000 /dev/zero | tr "\\0" x; echo end; exit 5');
    const { id } = handleOf(answer);
    const waiting = await waitFor(
      async () => (await hub.ok<{ waitingFor?: string }>('task_status', { id })).waitingFor,
      { timeoutMs: 30_000, what: 'the run to say what it waits for' },
    );
    expect(waiting).toMatch(/disk|space|stor/i);
    const acknowledged = await untilFull(() => exec('true'));
    execFileSync('mount', ['-o', 'remount,size=64m', disk.path]);
    expect(await ended(hub, id)).toMatchObject({ state: 'failed', steps: [{ exitCode: 5 }] });
    for (const run of acknowledged) expect(await ended(hub, run.id)).toMatchObject({ state: 'succeeded' });
    const { streams } = await hub.ok<{ streams: { stream: string; bytes: number }[] }>('task_output', { id });
    expect(streams).toContainEqual(expect.objectContaining({ stream: 'stdout', bytes: 20_000_004 }));
  }, 120_000);

  test('a hub that starts on the full disk says so and loses nothing', async () => {
    const kept = rowOf(await exec('echo before the restart'));
    await hub.close();
    fill();
    const started = await startHub(home)
      .then(async (second) => {
        const found = await second.call('task_status', { id: kept.runId });
        await second.close();
        return JSON.stringify(found.structuredContent);
      })
      .catch(String);
    expect(started).toMatch(/STORAGE_FULL|"state":"succeeded"/);
    free();
    hub = await startHub(home);
    expect(await hub.ok('task_output', { id: kept.runId })).toMatchObject({ text: 'before the restart\n' });
  }, 60_000);
});
