import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { echoEscaped, feedScript } from '../../src/channel/feed.ts';
import { encodeMessage } from '../../src/channel/host/channel-command.ts';
import { STOPPING_FUNCTIONS } from '../../src/channel/host/stopping.ts';
import { exitOrSignal, isAmbiguous, signalName } from '../../src/channel/signals.ts';
import { StreamCap } from '../../src/channel/stream-cap.ts';
import { asksForSecret, knownAnswer, preparedAnswer } from '../../src/runner/known-prompts.ts';
import { quickOutcome, stateOf } from '../../src/runner/state-file.ts';
import { visibleLines } from '../../src/runner/terminal-text.ts';

const report = (lines: string[], alive = false) => ({
  id: 'x',
  present: true,
  alive,
  lines,
  stdoutBytes: 1,
  stderrBytes: 2,
});
const HEAD = 'v1 10 20 boot/1 100.0 0 .';

describe('state files', () => {
  test('say what is known, and no more', () => {
    expect(stateOf({ ...report([]), present: false }, 'boot/1')).toEqual({ state: 'absent' });
    expect(stateOf(report([]), 'boot/1')).toEqual({ state: 'lost', reason: 'never_started' });
    expect(stateOf(report(['v1 10 20 bo']), 'boot/1')).toEqual({ state: 'lost', reason: 'never_started' });
    expect(stateOf(report([HEAD], true), 'boot/1')).toEqual({
      state: 'running',
      stdoutBytes: 1,
      stderrBytes: 2,
    });
    expect(stateOf(report([HEAD], true), 'boot/2')).toEqual({ state: 'lost', reason: 'rebooted' });
    expect(stateOf(report([HEAD, 'end 0 1 2 3']), 'boot/1')).toEqual({
      state: 'lost',
      reason: 'supervisor_gone',
    });
    expect(stateOf(report([HEAD, 'b .']), 'boot/1')).toEqual({ state: 'lost', reason: 'connection_bound' });
    expect(stateOf(report([HEAD, 'end 0 1 2 3 4 0 - .', 'x removed .']), 'boot/1')).toMatchObject({
      state: 'refused',
    });
  });

  test('an end outlives a reboot', () => {
    const end = 'end 7 100.5 101.75 3 4 5 - .';
    expect(stateOf(report([HEAD, 'c 11 .', end]), 'boot/2')).toMatchObject({
      state: 'ended',
      outcome: { exitCode: 7, durationMs: 1250, stdoutBytes: 3, stderrBytes: 4, droppedBytes: 5 },
    });
  });

  test.each([
    ['[1]+  Exit 137                f_go', 137, null],
    ['[1] + Done(137)            f_go', 137, null],
    ['environment: line 27: 22137 Killed                  f_go', null, 'KILL'],
    ['[1] + Killed                f_go', null, 'KILL'],
    ['', null, 'KILL'],
  ])('%s', (notice, exitCode, signal) => {
    const state = stateOf(report([HEAD, notice, 'end 137 1 2 0 0 0 - .']), 'boot/1');
    expect(state).toMatchObject({ outcome: { exitCode, signal } });
  });

  test('numbers of a hostile host stay within bounds', () => {
    const words = ['999999', '5', '1', '-3', '1e999', 'x', 'timeout'];
    expect(quickOutcome(words)).toMatchObject({
      exitCode: 255,
      durationMs: 0,
      stdoutBytes: 0,
      stderrBytes: 0,
      droppedBytes: 0,
      timedOut: true,
    });
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 9 }), (any) => {
        const outcome = quickOutcome(any);
        for (const value of Object.values(outcome ?? {})) {
          if (typeof value === 'number') expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
      }),
    );
  });

  test('only codes that could be a signal are doubted', () => {
    expect([0, 127, 128, 200, 255].filter(isAmbiguous)).toEqual([]);
    expect([129, 137, 143, 159, 162, 192].filter(isAmbiguous)).toEqual([129, 137, 143, 159, 162, 192]);
    expect(signalName(36)).toBe('RTMIN+2');
    expect(exitOrSignal(143, false)).toEqual({ exitCode: null, signal: 'TERM' });
  });
});

describe('prompts', () => {
  test('of package managers are answered, whole lines only', () => {
    expect(knownAnswer(['Need to get 3 kB.', 'Do you want to continue? [Y/n] '])).toBe('Y');
    expect(knownAnswer(['Is this ok [y/d/N]: '])).toBe('y');
    expect(knownAnswer(['*** x.conf (Y/I/N/O/D/Z) [default=N] ? '])).toBe('N');
    expect(knownAnswer([':: Proceed with installation? [Y/n] '])).toBe('Y');
    expect(knownAnswer(['Continue? [y/n/v/...? shows all options] (y): '])).toBe('y');
    expect(knownAnswer(['Ok to proceed? (y) '])).toBe('y');
  });

  test('that want a decision are not', () => {
    expect(knownAnswer(['Importing GPG key 0x1:', 'Is this ok [y/N]: '])).toBeUndefined();
    expect(knownAnswer(['evil: Do you want to continue? [Y/n] '])).toBeUndefined();
    expect(knownAnswer(['Install these packages without verification? [y/N] '])).toBeUndefined();
    expect(knownAnswer(["To continue type in the phrase 'Yes, do as I say!'", ' ?] '])).toBeUndefined();
    expect(knownAnswer(['[sudo] password for me: '])).toBeUndefined();
  });

  test('take prepared answers by text and by regex, never for a host key', () => {
    const answers = { 'Name?': 'Ada', '/^colou?r:/i': 'red', '/(/': 'broken' };
    expect(preparedAnswer(['Your Name? '], answers)).toBe('Ada');
    expect(preparedAnswer(['COLOR: '], answers)).toBe('red');
    expect(preparedAnswer(['What Name?', '> '], answers)).toBe('Ada');
    expect(preparedAnswer(['Name?', 'done'], answers)).toBeUndefined();
    expect(preparedAnswer([''], { '': 'x' })).toBeUndefined();
    const host = [
      'ED25519 key fingerprint is SHA256:x.',
      'Are you sure you want to continue connecting (yes/no)? ',
    ];
    expect(preparedAnswer(host, { 'Are you sure': 'yes', '/./': 'yes' })).toBeUndefined();
  });

  test('for secrets are known by their words', () => {
    expect(asksForSecret("root@db's password: ")).toBe(true);
    expect(asksForSecret('Enter passphrase for key "/x": ')).toBe(true);
    expect(asksForSecret('The password file: done')).toBe(false);
  });
});

test('a terminal is read as it looks', () => {
  expect(
    visibleLines('\u001b[1;31mred\u001b[0m\r\nab\b\bxy\r\n10%\r100%\r\nlast \u001b]0;title\u0007? '),
  ).toEqual(['red', 'xy', '100%', 'last ? ']);
});

describe('input as shell text', () => {
  const shells: [string, ...string[]][] = [['/bin/dash'], ['/bin/bash', '--norc'], ['/bin/busybox', 'sh']];
  test.each(shells)('%s %s', (program, ...options) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const script = feedScript(bytes);
        const out = execFileSync(program, [...options, '-c', script], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        expect(out.equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 60, examples: [[Uint8Array.from([45, 0])]] },
    );
    const line = echoEscaped("it's\n\\n %s ü\t'");
    const shown = execFileSync(program, [...options, '-c', `printf '%b' '${line}'`], { encoding: 'utf8' });
    expect(shown).toBe("it's\n\\n %s ü\t'");
    expect(line).toMatch(/^[\x20-\x7e]*$/);
  });
});

test.each([
  ['works', ':'],
  ['cannot be made', 'f_silent_pipe=1; exec 9<&-'],
  ['is at its end', 'f_silent_pipe=1; exec 9</dev/null'],
])('a pause on the host lasts, also when the pipe it sleeps on %s', (_, setup) => {
  const script = `sleep() { echo slept; command sleep "$@"; }
f_bash=1 f_silent_pipe=; ${STOPPING_FUNCTIONS}
${setup}; f_from=$EPOCHREALTIME; f_pause 0.2; f_pause 0.2; f_to=$EPOCHREALTIME; echo $((\${f_to/./} - \${f_from/./}))`;
  const out = execFileSync('/bin/bash', ['--norc', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = out.toString().trim().split('\n');
  expect(lines.slice(0, -1)).toEqual(setup === ':' ? [] : ['slept', 'slept']);
  expect(Number(lines.at(-1))).toBeGreaterThanOrEqual(390_000);
});

test.each([['/bin/dash'], ['/bin/busybox', 'sh']])(
  '%s runs nothing of a message that was cut',
  (program, ...options) => {
    const message = encodeMessage("f_command='a\nb'\necho id-1 500");
    for (let length = 1; length < message.length - 1; length++) {
      const input = message.subarray(0, length);
      const { stdout } = spawnSync(program, options, { input, encoding: 'utf8' });
      expect([length, stdout]).toEqual([length, '']);
    }
    expect(spawnSync(program, options, { input: message, encoding: 'utf8' }).stdout).toBe('id-1 500\n');
  },
);

test('a capped stream ends between characters', () => {
  const cap = new StreamCap(4);
  cap.push(Buffer.from('aü'));
  cap.push(Buffer.from('üb'));
  expect([cap.text(), cap.truncated]).toEqual(['aü', true]);
});
