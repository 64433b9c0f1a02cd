import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { libraryText } from '../../src/channel/host/library.ts';

const folder = tempDir();
const runs = join(folder.path, '.flotilla/runs');
mkdirSync(runs, { recursive: true });
const supervisor = spawn('sleep', ['600'], { stdio: 'ignore' });
afterAll(() => {
  supervisor.kill('SIGKILL');
  folder.remove();
});

const LOCKED = `v1 ${supervisor.pid} 1 boot/1 1.0 0 .\nc 1 .\n`;
const ENDED = `${LOCKED}end 0 1.0 2.0 0 0 0 - .\n`;
let count = 0;

/** Who decides whether a supervisor reports its end or leaves it to be asked for: both sides, on states made by hand. */
describe.each(['bash', 'dash'])('leaving a command to itself under %s', (shell) => {
  /** What the channel's shell says after `script`. */
  function say(script: string): string[] {
    const text = `f_bash=${shell === 'bash' ? '1' : ''}; ${libraryText('@')}\nf_arm_watchdog() { f_say armed; }\n${script}\n`;
    // The trap at the end arms a watchdog for what was not left to itself.
    const out = execFileSync(shell, ['-c', `${text}trap - EXIT`], {
      env: { PATH: process.env['PATH'], HOME: folder.path },
      encoding: 'latin1',
    });
    return out.split('\n').filter((line) => line.startsWith('@') && !line.startsWith('@ hello'));
  }
  function run(state: string): string {
    const id = `d${count++}`;
    writeFileSync(join(runs, `${id}.s`), state);
    return id;
  }
  const alive = `f_last_supervisor=${supervisor.pid}`;
  const mark = (id: string): boolean => existsSync(join(runs, `${id}.d`));

  test('it runs: marked as left, and watched', () => {
    const id = run(LOCKED);
    expect(say(`${alive}; f_detach ${id}`)).toEqual(['@ armed', `@ detached ${id}`]);
    expect(mark(id)).toBe(true);
  });

  test('it has ended and its supervisor is about to say so: patience', () => {
    const id = run(ENDED);
    expect(say(`${alive}; f_detach ${id}`)).toEqual([`@ ending ${id}`]);
    expect(mark(id)).toBe(false);
  });

  test('it has ended and its supervisor died before it said so: to be asked for', () => {
    const id = run(ENDED);
    expect(say(`f_last_supervisor=2147483647; f_detach ${id}`)).toEqual(['@ armed', `@ detached ${id}`]);
  });

  test('it ended between the two looks: patience, and its supervisor sees the mark', () => {
    const id = run(LOCKED);
    const ending = `f_has_ended() { f_looks=$((f_looks + 1)); [ $f_looks = 2 ]; }; f_looks=0`;
    expect(say(`${ending}; ${alive}; f_detach ${id}`)).toEqual([`@ ending ${id}`]);
    expect(mark(id)).toBe(true);
    expect(
      say(`f_name_run ${id}; f_outcome='0 1 2 0 0 0 -' f_out_size=0 f_err_size=0; f_report_end`),
    ).toEqual([`@ ended ${id}`]);
  });

  test('it cannot be marked: not left while its supervisor lives', () => {
    const id = run(LOCKED);
    mkdirSync(join(runs, `${id}.d`));
    expect(say(`${alive}; f_detach ${id}`)).toEqual([`@ ending ${id}`]);
  });

  test('a supervisor that was not left alone gives the output', () => {
    const id = run(ENDED);
    writeFileSync(join(runs, `${id}.o`), 'out');
    writeFileSync(join(runs, `${id}.e`), '');
    const outcome = `f_outcome='0 1 2 3 0 0 -' f_out_size=3 f_err_size=0`;
    const out = say(`f_name_run ${id}; ${outcome}; f_report_end`);
    expect(out).toEqual([`@ result ${id} 0 1 2 3 0 0 - 3 0`]);
    expect(readFileSync(join(runs, `${id}.s`), 'latin1')).toBe(ENDED);
  });
});
