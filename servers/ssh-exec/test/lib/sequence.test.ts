import { execFile } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitSequenceOutput } from '../../src/lib/sequence-output.ts';
import { type SequenceCommand, sequenceScript } from '../../src/lib/sequence-script.ts';

const MARKER = '--flotilla-run_TEST';
const SHELLS: string[][] = [['dash'], ['bash'], ['busybox', 'sh']];

async function run(shell: readonly string[], commands: (string | Partial<SequenceCommand>)[]) {
  const steps = commands.map((entry) => ({
    command: '',
    timeoutS: 0,
    continueOnError: false,
    ...(typeof entry === 'string' ? { command: entry } : entry),
  }));
  const [program = 'sh', ...args] = shell;
  const script = sequenceScript(steps, MARKER);
  const result = await new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(program, [...args, '-c', script], (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, stdout, stderr });
    });
  });
  return {
    status: result.status,
    out: splitSequenceOutput({ text: result.stdout, truncated: false }, MARKER, steps.length),
    err: splitSequenceOutput({ text: result.stderr, truncated: false }, MARKER, steps.length),
  };
}

describe.concurrent.each(SHELLS)('a sequence in %s', (...shell) => {
  test.concurrent('keeps folder, variables and functions from one command to the next', async () => {
    const { status, out } = await run(shell, ['cd /tmp; export A="it\'s"; f() { echo "f:$A"; }', 'pwd; f']);
    expect(status).toBe(0);
    expect(out.map((step) => step.text)).toEqual(['', "/tmp\nf:it's\n"]);
  });

  test.concurrent('stops at the first failure and says which commands were not reached', async () => {
    const { status, out } = await run(shell, ['echo one', 'exit 3', 'echo never']);
    expect(status).toBe(3);
    expect(out.map((step) => [step.begun, step.exitCode])).toEqual([
      [true, 0],
      [true, 3],
      [false, undefined],
    ]);
  });

  test.concurrent('goes on after a failure that may happen, and after a syntax error', async () => {
    const { status, out } = await run(shell, [
      { command: 'false', continueOnError: true },
      { command: 'if', continueOnError: true },
      'echo two',
    ]);
    expect(status).toBe(0);
    expect(out[0]?.exitCode).toBe(1);
    expect(out[1]?.exitCode).toBe(2);
    expect(out[2]?.text).toBe('two\n');
  });

  test.concurrent('ends a command after its own time limit, with exit code 124, and keeps the shell', async () => {
    const { status, out } = await run(shell, [
      'cd /tmp',
      { command: 'sleep 60 | cat; echo after', timeoutS: 1, continueOnError: true },
      'pwd',
    ]);
    expect(status).toBe(0);
    expect(out[1]).toMatchObject({ exitCode: 124, timedOut: true });
    expect(out[2]?.text).toBe('/tmp\n');
  });

  test.concurrent('ends the whole sequence when the shell itself does not let go', async () => {
    const { out } = await run(shell, [
      { command: 'while :; do :; done', timeoutS: 1, continueOnError: true },
      'echo two',
    ]);
    expect(out[0]).toMatchObject({ begun: true, timedOut: true, exitCode: undefined });
    expect(out[1]?.begun).toBe(false);
  });

  test.concurrent('keeps both streams of each command apart', async () => {
    const { out, err } = await run(shell, ['echo a; echo b >&2', 'echo c >&2; printf d']);
    expect(out.map((step) => step.text)).toEqual(['a\n', 'd']);
    expect(err.map((step) => step.text)).toEqual(['b\n', 'c\n']);
  });
});

describe('a long output that lost its middle', () => {
  const line = (text: string): string => `\n${MARKER} ${text}\n`;
  const gap = '\n[… 9999 bytes left out …]\n';
  const split = (text: string, count: number) =>
    splitSequenceOutput({ text, truncated: true }, MARKER, count);

  test('exit codes of commands in the middle come from the summary at the end', () => {
    const steps = split(`${line('begin 0')}head${gap}tail${line('end 2 0')}${line('all 0=0,1=7,2=0,')}`, 3);
    expect(steps.map(({ exitCode, cut }) => [exitCode, cut])).toEqual([
      [0, true],
      [7, true],
      [0, true],
    ]);
    expect(steps.map(({ text }) => text)).toEqual([
      'head\n[… 9999 bytes left out …]\n',
      '',
      '[… 9999 bytes left out …]\ntail',
    ]);
  });

  test('one long command keeps its head and its tail', () => {
    const [only] = split(`${line('begin 0')}head${gap}tail${line('end 0 0')}${line('all 0=0,')}`, 1);
    expect(only).toMatchObject({ exitCode: 0, cut: true, text: 'head\n[… 9999 bytes left out …]\ntail' });
  });

  test('a command that begins after the gap is whole', () => {
    const after = `${line('begin 1')}b${line('end 1 0')}`;
    const steps = split(`${line('begin 0')}head${gap}tail${line('end 0 0')}${after}`, 2);
    expect(steps[1]).toMatchObject({ text: 'b', cut: false });
  });

  test('a host that prints the words of the gap cuts nothing', () => {
    const text = `${line('begin 0')}a${gap}b${line('end 0 0')}`;
    const [only] = splitSequenceOutput({ text, truncated: false }, MARKER, 1);
    expect(only).toMatchObject({ text: `a${gap}b`, cut: false });
  });
});

test('any text survives as a command: quotes, newlines, dollars', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      async (text) => {
        const command = `printf %s '${text.replaceAll("'", "'\\''")}'`;
        expect((await run(['dash'], [command])).out[0]?.text).toBe(text);
      },
    ),
    { numRuns: 50 },
  );
});
