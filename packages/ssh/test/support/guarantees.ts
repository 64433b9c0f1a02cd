import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processes, waitFor } from '@flotilla/testkit';
import { expect } from 'vitest';
import { describeHosts } from './describe-hosts.ts';
import { collect, newHub, outcomeOf, type ShellHost } from './shell-hosts.ts';

/** Processes whose arguments hold this text. */
const running = (text: string): number[] =>
  processes()
    .filter((entry) => entry.commandLine.includes(text))
    .map((entry) => entry.pid);

/** What jobs may rely on, each guarantee by a test, on these kinds of host. */
export function describeGuarantees(kinds: readonly ShellHost[]): void {
  describeHosts(
    'detached commands',
    ({ world, it }) => {
      it('give output, code and duration, in one exchange when they are short', async () => {
        const seen = await world.run('echo out; echo err >&2; exit 3');
        expect(seen).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
        expect(outcomeOf(seen)).toMatchObject({
          exitCode: 3,
          signal: null,
          timedOut: false,
          cancelled: false,
          stdoutBytes: 4,
          stderrBytes: 4,
          droppedBytes: 0,
        });
      });

      it('go on when they are long, and their end is told', async () => {
        let started = 0;
        const seen = await world.run('echo one; sleep 0.7; echo two; exit 4', world.id(), {
          onStarted: () => {
            started += 1;
          },
        });
        expect(started).toBe(1);
        expect(seen.stdout).toBe('one\ntwo\n');
        expect(outcomeOf(seen).exitCode).toBe(4);
        expect(outcomeOf(seen).durationMs).toBeGreaterThan(600);
      });

      it('lose nothing when they end at the moment in which they are left to themselves', async () => {
        const moments = Array.from({ length: 40 }, (_, index) => 0.15 + index * 0.005);
        const ends = moments.map(async (seconds) => {
          let started = 0;
          const seen = await world.run(`sleep ${seconds.toFixed(3)}; echo ${seconds}; exit 6`, world.id(), {
            onStarted: () => {
              started += 1;
            },
          });
          expect(seen.stdout).toBe(`${seconds}\n`);
          expect(outcomeOf(seen).exitCode).toBe(6);
          expect(started).toBe(1);
        });
        await Promise.all(ends);
      });

      it('run once: a second start only reports, while it runs and after', async () => {
        const id = world.id();
        const command = 'echo ran >>"$HOME/effects-once"; sleep 0.6; echo done; exit 5';
        const first = world.run(command, id);
        const other = newHub(world.directory);
        const second = collect({}, (events) => other.runner.start('web', id, { command }, events));
        for (const seen of await Promise.all([first, second])) {
          expect(seen.stdout).toBe('done\n');
          expect(outcomeOf(seen).exitCode).toBe(5);
        }
        await other.links.close();
        expect(outcomeOf(await world.run(command, id)).exitCode).toBe(5);
        expect((await world.shell('web', 'cat "$HOME/effects-once"')).stdout).toBe('ran\n');
      });

      it('run once when twenty start them at the same time', async () => {
        const id = world.id();
        const command = 'echo ran >>"$HOME/effects-many"; echo done';
        const all = await Promise.all(Array.from({ length: 20 }, () => world.run(command, id)));
        expect(all.map((seen) => seen.stdout)).toEqual(all.map(() => 'done\n'));
        expect((await world.shell('web', 'cat "$HOME/effects-many"')).stdout).toBe('ran\n');
      });

      it('are never started once cancelled', async () => {
        const id = world.id();
        expect(await world.runner.cancel('web', id)).toEqual({ state: 'not_started' });
        expect(await world.runner.cancel('web', id)).toEqual({ state: 'not_started' });
        const seen = await world.run('echo ran >>"$HOME/effects-cancelled"', id);
        expect(seen.state).toEqual({ state: 'refused', reason: 'cancelled_before_start' });
        expect((await world.shell('web', 'cat "$HOME/effects-cancelled"')).exitCode).not.toBe(0);
      });

      it('leave a tombstone when they are forgotten, and are not forgotten while they run', async () => {
        const ended = world.id();
        const alive = world.id();
        await world.run('echo x', ended);
        const following = world.run('sleep 1; echo y', alive);
        await waitFor(async () => (await world.runner.status('web', alive)).state === 'running');
        await world.runner.forget('web', [ended, alive, world.id()]);
        expect(await world.runner.status('web', ended)).toEqual({
          state: 'refused',
          reason: 'already_removed',
        });
        expect((await world.run('echo again', ended)).state).toEqual({
          state: 'refused',
          reason: 'already_removed',
        });
        expect(readdirSync(world.runs).filter((name) => name.startsWith(ended))).toEqual([`${ended}.s`]);
        expect((await following).stdout).toBe('y\n');
      });

      it('are absent when nobody started them', async () => {
        expect(await world.runner.status('web', world.id())).toEqual({ state: 'absent' });
        expect((await world.attach(world.id())).state).toEqual({ state: 'absent' });
      });

      it('keep their files to their user and give the command its own umask', async () => {
        const id = world.id();
        await world.run('umask; echo x >"$HOME/made"; sleep 0.5', id);
        for (const name of readdirSync(world.runs).filter((file) => file.startsWith(id))) {
          expect(statSync(join(world.runs, name)).mode & 0o777).toBe(0o600);
        }
        expect(statSync(world.runs).mode & 0o777).toBe(0o700);
        expect((await world.shell('web', 'ls -l "$HOME/made" | cut -c1-10; umask')).stdout).toBe(
          '-rw-r--r--\n0022\n',
        );
      });

      it('know nothing of the files, only their own id', async () => {
        const id = world.id();
        const seen = await world.run('env; ls -l /proc/self/fd | sed "s/.*[0-9] -> //" >&2', id);
        expect(seen.stdout).toContain(`FLOTILLA_RUN=${id}\n`);
        expect(seen.stdout).not.toMatch(/\.flotilla|f_[A-Za-z]/);
        const open = seen.stderr.trim().split('\n');
        expect(open.filter((target) => /pipe|socket|\.s$|\.flotilla\/runs\/.*\.[^oe]$/.test(target))).toEqual(
          [...open.filter((target) => target.startsWith('pipe')).slice(0, 1)],
        );
      });

      it('tell a signal from a code above 128', async () => {
        const cases = { 'kill -KILL $$': 'KILL', 'kill -TERM $$': 'TERM', 'kill -PIPE $$': 'PIPE' };
        for (const [command, signal] of Object.entries(cases)) {
          expect(outcomeOf(await world.run(command))).toMatchObject({ exitCode: null, signal });
        }
        for (const code of [129, 130, 137, 141, 143, 200, 255]) {
          expect(outcomeOf(await world.run(`exit ${code}`))).toMatchObject({ exitCode: code, signal: null });
        }
      });

      it('are stopped at their time limit by the host alone, and no shell among them goes on', async () => {
        const nested = Array.from({ length: 12 }).reduce((inner) => `(${inner}; echo never)`, 'sleep 41');
        const id = world.id();
        const hub = newHub(world.directory);
        const following = new AbortController();
        const state = hub.runner.start(
          'web',
          id,
          { command: `echo begun; ${nested}; echo never`, timeoutMs: 900 },
          { signal: following.signal, onStarted: () => following.abort() },
        );
        expect((await state).state).toBe('running');
        await hub.links.close();
        await waitFor(() => world.state(id).some((line) => line.startsWith('end ')));
        const seen = await world.attach(id);
        expect(seen.stdout).toBe('begun\n');
        expect(outcomeOf(seen)).toMatchObject({ timedOut: true, cancelled: false });
        expect(outcomeOf(seen).durationMs).toBeGreaterThanOrEqual(800);
      });

      it('are cancelled with all they started, also in new sessions, also what ignores TERM', async () => {
        const id = world.id();
        const mark = `6${String(Date.now()).slice(-8)}`;
        const command = `trap '' TERM; (setsid sleep ${mark}1 &); sh -c 'sleep ${mark}2; :' & sleep ${mark}3; echo no`;
        const following = world.run(command, id);
        await waitFor(() => running(`sleep ${mark}`).length >= 3);
        expect(await world.runner.cancel('web', id, { graceMs: 300 })).toEqual({ state: 'stopped' });
        expect(running(`sleep ${mark}`)).toEqual([]);
        expect(outcomeOf(await following)).toMatchObject({ cancelled: true, timedOut: false });
        expect(await world.runner.cancel('web', id)).toEqual({ state: 'had_ended' });
      });

      it('are not mistaken for another process with their number', async () => {
        const id = world.id();
        await world.run('sleep 0.4', id);
        const file = join(world.runs, `${id}.s`);
        const [head = ''] = world.state(id);
        const words = head.split(' ');
        // The supervisor's number belongs to a process that began at another time.
        words[1] = String(process.pid);
        words[2] = '1';
        writeFileSync(file, `${words.join(' ')}\nc ${process.pid} .\n`);
        expect(await world.runner.status('web', id)).toEqual({ state: 'lost', reason: 'supervisor_gone' });
        expect((await world.runner.cancel('web', id, { graceMs: 100 })).state).toBe('stopped');
        expect(process.kill(process.pid, 0)).toBe(true);
      });

      it('are lost when the host was rebooted or their supervisor killed', async () => {
        const id = world.id();
        await world.run('sleep 0.4', id);
        const file = join(world.runs, `${id}.s`);
        const original = readFileSync(file, 'latin1');
        const [head = ''] = original.split('\n');
        const words = head.split(' ');
        writeFileSync(file, `${[...words.slice(0, 3), 'another-boot/1', ...words.slice(4)].join(' ')}\n`);
        expect(await world.runner.status('web', id)).toEqual({ state: 'lost', reason: 'rebooted' });
        expect((await world.attach(id)).state).toEqual({ state: 'lost', reason: 'rebooted' });

        const killed = world.id();
        const following = world.run('sleep 42', killed);
        await waitFor(() => world.state(killed).length >= 2);
        process.kill(Number(world.state(killed)[0]?.split(' ')[1]), 'SIGKILL');
        expect((await following).state).toEqual({ state: 'lost', reason: 'supervisor_gone' });
        expect((await world.runner.cancel('web', killed, { graceMs: 100 })).state).toBe('stopped');
      });

      it('never started when they died between the lock and the start', async () => {
        const id = world.id();
        writeFileSync(join(world.runs, `${id}.s`), '');
        await world.shell('web', `chmod 600 "$HOME/.flotilla/runs/${id}.s"`);
        expect((await world.attach(id)).state).toEqual({ state: 'lost', reason: 'never_started' });
        expect((await world.run('echo no', id)).state).toEqual({ state: 'lost', reason: 'never_started' });
      });

      it('are read from any offset', async () => {
        const id = world.id();
        await world.run('echo abcdef; echo 12345 >&2', id);
        const seen = await world.attach(id, { from: { stdout: 2, stderr: 4 } });
        expect(seen).toMatchObject({ stdout: 'cdef\n', stderr: '5\n' });
      });

      it('get their input byte for byte, their folder and their environment', async () => {
        const stdin = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
        const seen = await world.run({ command: 'od -An -v -tx1 | tr -d " \\n"', stdin });
        expect(seen.stdout).toBe(Buffer.from(stdin).toString('hex'));
        const placed = await world.run({ command: 'pwd; echo "$A"', cwd: '/', env: { A: "it's\n$HOME" } });
        expect(placed.stdout).toBe("/\nit's\n$HOME\n");
      });

      it('are not started in a folder that is not there', async () => {
        const id = world.id();
        const spec = { command: 'echo no', cwd: '/no such folder' };
        await expect(world.run(spec, id)).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: expect.stringContaining('/no such folder'),
          details: { sent: false },
        });
        expect(await world.runner.status('web', id)).toEqual({ state: 'absent' });
        // The folder of a command that was started may go: its id still only reports.
        const made = await world.shell('web', `mkdir "$HOME/gone-${id}" && cd "$HOME/gone-${id}" && pwd`);
        const removing = { command: 'rmdir "$PWD"; echo ran', cwd: made.stdout.trim() };
        expect((await world.run(removing, id)).stdout).toBe('ran\n');
        expect((await world.run(removing, id)).stdout).toBe('ran\n');
        expect((await world.shell('web', `[ -e '${removing.cwd}' ]`)).exitCode).toBe(1);
        // The channel's own folder is the same as before.
        expect((await world.run('pwd')).stdout).toBe((await world.run({ command: 'pwd', cwd: '.' })).stdout);
      });

      it('are forgotten for good 31 days later', async () => {
        const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);
        const lines = {
          removed: 'v1 1 1 b 1 0 .\nend 0 1 2 0 0 0 - .\nx removed .\n',
          kept: 'v1 1 1 b 1 0 .\nend 0 1 2 0 0 0 - .\n',
        };
        const files: Record<string, string> = {};
        for (const [name, text, age] of [
          ['old', lines.removed, 40],
          ['young', lines.removed, 20],
          ['unread', lines.kept, 40],
        ] as const) {
          files[name] = join(world.runs, `${world.id()}.s`);
          writeFileSync(files[name], text);
          utimesSync(files[name], days(age), days(age));
        }
        const hub = newHub(world.directory);
        await hub.runner.forget('web', [world.id()]);
        await waitFor(() => !existsSync(files['old'] ?? ''));
        expect([files['young'], files['unread']].map((file) => existsSync(file ?? ''))).toEqual([true, true]);
        await hub.links.close();
      });

      it('leave no secret text on the host, and scripts need no quoting', async () => {
        const word = `canary${Date.now()}`;
        const id = world.id();
        const seen = await world.run(
          { command: `echo "$(echo ${word} | tr c C)"; cat; sleep 0.4`, secret: true, stdin: `in-${word}` },
          id,
        );
        expect(seen.stdout).toBe(`${word.replace('c', 'C')}\nin-${word}`);
        const found = await world.shell(
          'web',
          `cd "$HOME/.flotilla/runs" && grep -l 'in-${word}' ${id}.*; grep -l 'echo ${word}' *`,
        );
        expect(found.stdout).toBe(`${id}.o\n`);
        const script = await world.run({
          command: 'x="a\'b"\necho "$x $0"; read y; echo "$y"',
          interpreter: 'sh',
          stdin: 'in\n',
        });
        expect(script.stdout).toEqual(expect.stringMatching(/^a'b \/(?:dev|proc\/self)\/fd\/4\nin\n$/));
      });

      it('refuse what no shell can hold before anything is sent', async () => {
        for (const spec of [
          { command: 'a\0b' },
          { command: 'x', env: { 'A B': '1' } },
          { command: 'x', env: { A: '\0' } },
          { command: 'x', cwd: '\0' },
          { command: 'x', interpreter: 'sh; rm -rf' },
        ]) {
          await expect(world.run(spec)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
        }
        await expect(world.run('x', 'a/b')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
        await expect(world.runner.forget('web', ['$(x)'])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      });
    },
    { kinds },
  );
}
