import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRedactor } from '@flotilla/core';
import { expect, test } from 'vitest';
import { startChildHub } from './fixtures/child-hub.ts';
import { call, type Hub, makeWorld, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

/** Reads a run's stdout to its end by offset, as a client that follows would. */
async function followAll(hubs: () => Hub, id: string, onPage: (text: string) => void = () => undefined) {
  let text = '';
  for (let offset = 0; ; ) {
    const { read } = hubs().output(id, { stream: 'stdout', offset, limit: 1000 });
    if (read) {
      expect(read.offset).toBe(offset);
      text += read.text;
      offset = read.nextOffset;
      onPage(text);
      if (read.complete) return text;
    }
    if (!read?.text) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('short output needs no file, long output is whole and can be read in pages', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { limits: { capturedBytes: 1000 } });
  const short = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo short; echo err >&2' }));
  await hub.runs.wait(short.id, 10_000);
  expect(existsSync(join(world.folder, 'output', short.id))).toBe(false);
  expect(hub.output(short.id, { stream: 'stderr' }).read).toMatchObject({ text: 'err\n', complete: true });

  const long = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'seq 1 20000' }));
  const run = await hub.runs.wait(long.id, 10_000);
  const expected = `${Array.from({ length: 20_000 }, (_, i) => i + 1).join('\n')}\n`;
  expect(await followAll(() => hub, long.id)).toBe(expected);
  const shown = run.output?.['stdout'] as string;
  expect(shown.length).toBeLessThan(1100);
  expect(shown).toMatch(/^1\n2\n/);
  expect(shown).toMatch(/bytes left out …\]\n[\s\S]*20000\n$/);
  expect(run.tail.endsWith('19999\n20000\n')).toBe(true);
});

test('pages never cut a character, and exceed the limit only for a single one', async () => {
  const hub = await startHub(makeWorld());
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: "printf 'aé€😀%.0s' $(seq 50)" }));
  await hub.runs.wait(id, 10_000);
  for (const limit of [1, 2, 3, 4, 5, 7, 64]) {
    const pages: string[] = [];
    for (let offset = 0, complete = false; !complete; ) {
      const { read } = hub.output(id, { offset, limit });
      expect(read?.nextOffset).toBeGreaterThan(offset);
      pages.push(read?.text ?? '');
      offset = read?.nextOffset ?? 0;
      complete = read?.complete ?? true;
    }
    expect(pages.join('')).toBe('aé€😀'.repeat(50));
    const long = pages.filter((page) => Buffer.byteLength(page) > limit);
    expect(long.filter((page) => [...page].length > 1)).toEqual([]);
  }
  // Into the middle of the last character: nothing of it is shown, and that is the end.
  const { read } = hub.output(id, { offset: 50 * 10 - 2, limit: 1 });
  expect(read).toMatchObject({ text: '', nextOffset: 500, complete: true });
});

test('an end that is no whole character is shown once it cannot grow', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const hub = await startHub(world);
  const cmd = `printf 'ab\\342\\202'; while [ ! -e ${gate} ]; do sleep 0.01; done`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.output(id).read?.text === 'ab');
  expect(hub.output(id, { offset: 2, limit: 1 }).read).toMatchObject({ text: '', nextOffset: 2 });
  writeFileSync(gate, '');
  await hub.runs.wait(id, 10_000);
  let text = '';
  for (let offset = 0, complete = false; !complete; ) {
    const { read } = hub.output(id, { offset, limit: 1 });
    text += read?.text;
    offset = read?.nextOffset ?? 0;
    complete = read?.complete ?? true;
  }
  expect(text).toBe('ab\ufffd');
});

test('a run is known by its id', async () => {
  const hub = await startHub(makeWorld());
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'true' }));
  expect(hub.knows(id)).toBe(true);
  expect(hub.knows('run_00000000000000000000000000')).toBe(false);
  expect(() => hub.get('run_00000000000000000000000000')).toThrow('There is no run');
});

test('following by offset over the death of a hub has no gap and no repeat', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const limits = { capturedBytes: 500 };
  const dying = await startChildHub(world, limits);
  const cmd = `seq 1 3000; while [ ! -e ${gate} ]; do sleep 0.01; done; seq 3001 6000`;
  const { id } = await dying.submit(call('exec', { alias: 'web1', cmd }));
  const hub = await startHub(world, { limits });
  let killed = false;
  const text = await followAll(
    () => hub,
    id,
    (so) => {
      if (killed || !so.includes('\n3000\n')) return;
      killed = true;
      dying.kill('SIGKILL');
      writeFileSync(gate, '');
    },
  );
  expect(killed).toBe(true);
  expect(text).toBe(`${Array.from({ length: 6000 }, (_, i) => i + 1).join('\n')}\n`);
  expect((await hub.runs.wait(id, 10_000)).state).toBe('succeeded');
});

test('masked output stays masked and whole over the death of a hub', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const secret = 'canary-9d41c7';
  const redactor = createRedactor({ values: [secret] });
  const cmd =
    `for i in $(seq 1 500); do echo "line $i ${secret} end"; done; printf 'canary-'; ` +
    `while [ ! -e ${gate} ]; do sleep 0.01; done; echo '9d41c7'; seq 1 500`;
  const first = await startHub(world, { redactor, limits: { capturedBytes: 500 } });
  const { id } = await first.runs.submit(
    call('exec', { alias: 'web1', cmd: cmd.replaceAll(secret, secret) }),
  );
  await until(() => (first.output(id, { stream: 'stdout' }).read?.text ?? '').includes('line 50 '));
  await first.stop();
  const second = await startHub(world, { redactor, limits: { capturedBytes: 500 } });
  writeFileSync(gate, '');
  const text = await followAll(() => second, id);
  const mask = redactor.text(secret);
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i + 1} ${mask} end\n`).join('');
  expect(text).toBe(`${lines}${mask}\n${Array.from({ length: 500 }, (_, i) => i + 1).join('\n')}\n`);
  await second.stop();
  for (const name of readdirSync(join(world.folder, 'output', id))) {
    expect(readFileSync(join(world.folder, 'output', id, name), 'utf8')).not.toContain(secret);
  }
  expect(readFileSync(join(world.folder, 'state.sqlite')).includes(secret)).toBe(false);
});

test('lines are found by text, with their offsets', async () => {
  const hub = await startHub(makeWorld());
  const { id } = await hub.runs.submit(
    call('fan', { aliases: ['a', 'b'], cmd: 'echo one; echo "an ERROR here"; echo "Error two" >&2' }),
  );
  await hub.runs.wait(id, 10_000);
  const { matches, streams } = hub.output(id, { search: 'error' });
  expect(matches).toEqual(
    ['a', 'b'].flatMap((alias) => [
      { step: 'exec', alias, stream: 'stdout', offset: 4, line: 'an ERROR here' },
      { step: 'exec', alias, stream: 'stderr', offset: 0, line: 'Error two' },
    ]),
  );
  expect(streams).toHaveLength(4);
  expect(hub.output(id, { alias: 'b', stream: 'stderr' }).read?.text).toBe('Error two\n');
  expect(() => hub.output('run_NONE')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('output is readable from another process while the command runs', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const other = await startChildHub(world);
  const hub = await startHub(world, { handlers: [] });
  const cmd = `echo early; while [ ! -e ${gate} ]; do sleep 0.01; done; echo late`;
  const { id } = await other.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.output(id).read?.text === 'early\n');
  expect(hub.output(id).read?.complete).toBe(false);
  writeFileSync(gate, '');
  expect(await hub.runs.wait(id, 10_000)).toMatchObject({ state: 'succeeded', tail: 'early\nlate\n' });
  expect(hub.output(id).read).toMatchObject({ text: 'early\nlate\n', complete: true });
});
