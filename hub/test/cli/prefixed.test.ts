import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { hostWriter } from '../../src/cli/terminal/prefixed.ts';
import type { Output } from '../../src/cli/world.ts';

function outputs(isTTY = false) {
  const stdout = Object.assign(new PassThrough(), { isTTY }) as Output & PassThrough;
  const stderr = Object.assign(new PassThrough(), { isTTY }) as Output & PassThrough;
  const text = (stream: PassThrough): string => String(stream.read() ?? '');
  return { stdout, stderr, out: () => text(stdout), err: () => text(stderr) };
}

const prefix = (_alias: string, padded: string): string => `${padded} |`;

test('of one host everything passes as it comes', () => {
  const { stdout, stderr, out, err } = outputs();
  const writer = hostWriter({ stdout, stderr, aliases: ['web1'], prefix });
  writer.write('web1', 'stdout', 'a\u001b[1mb');
  writer.write('web1', 'stderr', 'no newline');
  writer.end();
  expect(out()).toBe('a\u001b[1mb');
  expect(err()).toBe('no newline');
});

test('of several hosts whole lines with the host before each', () => {
  const { stdout, stderr, out, err } = outputs();
  const writer = hostWriter({ stdout, stderr, aliases: ['a', 'long'], prefix });
  writer.write('a', 'stdout', 'one\ntw');
  writer.write('long', 'stdout', 'x\n');
  writer.write('a', 'stdout', 'o\n\nrest');
  writer.write('a', 'stderr', 'bad\n');
  writer.end();
  expect(out()).toBe('a    | one\nlong | x\na    | two\na    | \na    | rest\n');
  expect(err()).toBe('a    | bad\n');
});

test('a terminal does not act on what a host says', () => {
  const { stdout, stderr, out } = outputs(true);
  hostWriter({ stdout, stderr, aliases: ['a'], prefix }).write(
    'a',
    'stdout',
    '\u001b]0;title\u0007\u001b[2J',
  );
  expect(out()).toBe('␛]0;title␇␛[2J');
});

test('waits for a reader that is slower than the hosts', async () => {
  const { stdout, stderr } = outputs();
  const writer = hostWriter({ stdout, stderr, aliases: ['a'], prefix });
  writer.write('a', 'stdout', 'x'.repeat(1_000_000));
  let ready = false;
  const waiting = writer.ready().then(() => {
    ready = true;
  });
  await Promise.resolve();
  expect(ready).toBe(false);
  stdout.resume();
  await waiting;
  expect(ready).toBe(true);
});
