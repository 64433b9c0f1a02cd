import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenOutput, OutputSink } from '@flotilla/jobs';
import { waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { remoteOutputs } from '../src/worker.ts';
import { firstClaim, type HubWorld, hubWorld, type WorkerEnd } from './support/hub-world.ts';

interface Stream {
  world: HubWorld;
  end: WorkerEnd;
  id: string;
  shown: string[];
  open(fresh: boolean): Promise<OutputSink>;
  text(): string;
}

async function stream(): Promise<Stream> {
  const world = await hubWorld();
  const end = await world.worker();
  const id = await world.submit();
  const { fence } = firstClaim(id);
  await end.ledger.claim(firstClaim(id), () => true);
  const step = { key: 'exec', alias: 'web1', kind: 'command' as const, attempt: 1, command_id: 'a-1' };
  const intent = { op: 'intent' as const, step: { ...step, intent_at: 1, remote: 'kept' as const } };
  await end.ledger.write(id, fence, { take: () => [intent], undone: () => undefined }, { durable: true });
  const outputs = remoteOutputs(end.client, end.redactor);
  const shown: string[] = [];
  const of: Omit<OpenOutput, 'fresh'> = {
    run: { id, fence, gone: new AbortController().signal },
    stream: { key: 'exec', alias: 'web1', attempt: 1, stream: 'stdout' },
    onText: (text) => shown.push(text),
  };
  return {
    world,
    end,
    id,
    shown,
    open: async (fresh) => outputs.open({ ...of, fresh }),
    text: () => world.engine.output(id).read?.text ?? '',
  };
}

test('what is pushed is at the hub soon, and whole at the end', async () => {
  const { open, text, shown } = await stream();
  const sink = await open(true);
  sink.push(0, Buffer.from('one\n'));
  await waitFor(() => text() === 'one\n');
  sink.push(4, Buffer.from('two\n'));
  sink.push(4, Buffer.from('two\nthree\n'));
  await sink.end();
  expect(text()).toBe('one\ntwo\nthree\n');
  expect(sink.captured(100)).toEqual({ text: 'one\ntwo\nthree\n', bytes: 14, truncated: false });
  expect(shown.join('')).toBe('one\ntwo\nthree\n');
});

test('a stream without a byte costs no request and no file', async () => {
  const { open, world, id } = await stream();
  await world.down();
  const sink = await open(true);
  await sink.end();
  expect(sink.captured(100)).toEqual({ text: '', bytes: 0, truncated: false });
  await world.up();
  expect(() => readdirSync(join(world.folder, 'output', id))).toThrow();
});

test('another worker goes on where the hub has it', async () => {
  const { open, text } = await stream();
  const first = await open(true);
  first.push(0, Buffer.from('0123456789'));
  await waitFor(() => text() === '0123456789');
  first.close();
  const second = await open(false);
  expect(second.received).toBe(10);
  second.push(8, Buffer.from('89abc'));
  await second.end();
  expect(text()).toBe('0123456789abc');
});

test('output waits for a hub that is away, and is whole when it is back', async () => {
  const { open, text, world } = await stream();
  const sink = await open(true);
  sink.push(0, Buffer.from('before '));
  await waitFor(() => text() === 'before ');
  await world.down();
  sink.push(7, Buffer.from('meanwhile'));
  await expect(sink.end()).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  await world.up();
  sink.flushBacklog();
  await sink.end();
  expect(text()).toBe('before meanwhile');
});

test('a hub that comes back asks for what it had not stored, also of a masked stream', async () => {
  const { open, text, world } = await stream();
  world.redactor.add('only-the-hub-knows-this');
  const raw = Buffer.from(`a only-the-hub-knows-this b\n${'x'.repeat(200)}\n`);
  const sink = await open(true);
  sink.push(0, raw.subarray(0, 60));
  await waitFor(() => text().length > 10);
  await world.restart();
  world.redactor.add('only-the-hub-knows-this');
  sink.push(60, raw.subarray(60, 100));
  const again = await waitFor(() => {
    try {
      sink.push(sink.received, Buffer.alloc(0));
      return sink.received < 60 && sink;
    } catch {
      return sink;
    }
  });
  again.flushBacklog();
  again.push(again.received, raw.subarray(again.received));
  await again.end();
  expect(text()).toBe(`a [redacted] b\n${'x'.repeat(200)}\n`.replace('[redacted]', masked(text())));
  expect(text()).not.toContain('only-the-hub');
});

test('no more is taken than can be kept while the hub is away, and nothing is lost', async () => {
  const { open, text, world } = await stream();
  const sink = await open(true);
  await world.down();
  const block = Buffer.alloc(1024 * 1024, 'y');
  let pushed = 0;
  expect(() => {
    for (; pushed < 20; pushed++) sink.push(pushed * block.length, block);
  }).toThrow(expect.objectContaining({ code: 'SERVER_UNAVAILABLE' }));
  expect(pushed).toBeLessThan(11);
  expect(sink.received).toBe(pushed * block.length);
  expect(() => sink.flushBacklog()).toThrow(expect.objectContaining({ code: 'SERVER_UNAVAILABLE' }));
  await world.up();
  await waitFor(
    () => {
      try {
        sink.flushBacklog();
        return true;
      } catch {
        return false;
      }
    },
    { timeoutMs: 15_000 },
  );
  sink.push(sink.received, Buffer.from('end'));
  await sink.end();
  expect(sink.captured(100).bytes).toBe(pushed * block.length + 3);
  expect(text().length).toBeGreaterThan(1000);
});

test('nothing of a run that is another’s is taken', async () => {
  const { open, end, id, world } = await stream();
  const sink = await open(true);
  const other = await world.worker();
  await other.ledger.claim(firstClaim(id, 2), () => true);
  sink.push(0, Buffer.from('too late'));
  await expect(sink.end()).rejects.toThrow();
  expect(world.engine.output(id).read?.text ?? '').toBe('');
  await end.client.close();
});

/** What stands for a secret, between the known ends of the line. */
const masked = (text: string): string => /^a (.*) b\n/.exec(text)?.[1] ?? '';
