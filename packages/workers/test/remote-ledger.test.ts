import { Fenced, type LedgerOp } from '@flotilla/jobs';
import { expect, test } from 'vitest';
import { firstClaim, hubWorld, someone } from './support/hub-world.ts';

const intent: LedgerOp = {
  op: 'intent',
  step: {
    key: 'exec',
    alias: 'web1',
    kind: 'command',
    attempt: 1,
    command_id: 'abc-1',
    intent_at: 1_000,
    remote: 'kept',
  },
};
const live = (tail: string): LedgerOp => ({ op: 'live', progress: null, waitingFor: null, tail });
const end: LedgerOp = {
  op: 'end',
  end: { state: 'succeeded', endedAt: 2_000, output: '{"ok":true}', tail: 'bye' },
};
const batch = (...ops: LedgerOp[]) => ({ take: () => ops, undone: () => undefined });
const durable = { durable: true };

test('a run is claimed with what it needs, written to, and ended', async () => {
  const world = await hubWorld();
  const { ledger } = await world.worker();
  const id = await world.submit({ cmd: 'echo hi' });
  const key = firstClaim(id);
  const claimed = await ledger.claim(key, (lane, tool) => lane === 'ssh-exec' && tool === 'exec');
  expect(claimed).toMatchObject({
    args: { cmd: 'echo hi' },
    principal: someone,
    aliases: ['web1'],
    steps: [],
  });
  expect(world.engine.get(id).state).toBe('running');
  await ledger.write(id, key.fence, batch(intent), durable);
  const outcome = JSON.stringify({ exitCode: 0 });
  await ledger.write(
    id,
    key.fence,
    batch(
      {
        op: 'question',
        key: 'exec',
        alias: 'web1',
        change: { state: 'waiting', question: '{"prompt":"?","number":1}' },
      },
      live('so far'),
    ),
    durable,
  );
  expect(world.engine.get(id)).toMatchObject({ state: 'waiting', tail: 'so far' });
  await ledger.write(
    id,
    key.fence,
    batch(
      { op: 'step', key: 'exec', alias: 'web1', change: { state: 'succeeded', outcome, exit_code: 0 } },
      end,
    ),
    durable,
  );
  expect(world.engine.get(id)).toMatchObject({
    state: 'succeeded',
    output: { ok: true },
    tail: 'bye',
    steps: [{ key: 'exec', state: 'succeeded', exitCode: 0 }],
  });
});

test('an older claim can neither write nor claim again, and an ended run is nobody’s', async () => {
  const world = await hubWorld();
  const [old, young] = [await world.worker(), await world.worker()];
  const id = await world.submit();
  await old.ledger.claim(firstClaim(id, 1), () => true);
  await young.ledger.claim(firstClaim(id, 2), () => true);
  await expect(old.ledger.write(id, firstClaim(id, 1).fence, batch(intent), durable)).rejects.toThrow(Fenced);
  expect(await old.ledger.claim(firstClaim(id, 1), () => true)).toBe('refused');
  await young.ledger.write(id, firstClaim(id, 2).fence, batch(end), durable);
  await expect(young.ledger.write(id, firstClaim(id, 2).fence, batch(live('x')), durable)).rejects.toThrow(
    Fenced,
  );
});

test('text is masked again with what only the hub knows', async () => {
  const world = await hubWorld();
  world.redactor.add('known-at-the-hub-only');
  const { ledger } = await world.worker();
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  const said = 'it said known-at-the-hub-only';
  const failure = JSON.stringify({
    error: true,
    code: 'INTERNAL',
    message: said,
    details: {},
    hint: '',
    timestamp: '',
  });
  await ledger.write(
    id,
    firstClaim(id).fence,
    batch(intent, {
      op: 'step',
      key: 'exec',
      alias: 'web1',
      change: { note: said, failure, outcome: JSON.stringify({ said }) },
    }),
    durable,
  );
  await ledger.write(
    id,
    firstClaim(id).fence,
    batch({
      op: 'end',
      end: { state: 'failed', endedAt: 1, tail: said, failure, output: JSON.stringify({ said }), note: said },
    }),
    durable,
  );
  const view = JSON.stringify(world.engine.get(id));
  expect(view).toContain('it said');
  expect(view).not.toContain('known-at-the-hub-only');
});

test('a cancel is told with the next write', async () => {
  const world = await hubWorld();
  const { client, leased } = await world.worker();
  const cancelled: string[] = [];
  const { RemoteLedger } = await import('../src/worker.ts');
  const ledger = new RemoteLedger(client, leased, (id) => cancelled.push(id));
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  await ledger.write(id, firstClaim(id).fence, batch(live('a')), durable);
  expect(cancelled).toEqual([]);
  await world.engine.cancel(id, someone);
  await ledger.write(id, firstClaim(id).fence, batch(live('b')), durable);
  expect(cancelled).toEqual([id]);
});

test('while the hub is away nothing is taken to be stored, and what is written later carries it', async () => {
  const world = await hubWorld();
  const { ledger } = await world.worker();
  const id = await world.submit();
  const { fence } = firstClaim(id);
  await ledger.claim(firstClaim(id), () => true);
  await world.down();
  let undone = 0;
  const lost = { take: () => [live('lost')], undone: () => undone++ };
  await expect(ledger.write(id, fence, lost, durable)).rejects.toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  expect(undone).toBe(1);
  await world.up();
  await ledger.write(id, fence, batch(live('kept')), durable);
  expect(world.engine.get(id).tail).toBe('kept');
});

test('writes of one run arrive in their order', async () => {
  const world = await hubWorld();
  const { ledger } = await world.worker();
  const id = await world.submit();
  const { fence } = firstClaim(id);
  await ledger.claim(firstClaim(id), () => true);
  const taken: number[] = [];
  const writes = Array.from({ length: 30 }, (_, n) =>
    ledger.write(
      id,
      fence,
      {
        take: () => {
          taken.push(n);
          return [live(String(n))];
        },
        undone: () => undefined,
      },
      { durable: false },
    ),
  );
  await Promise.all(writes);
  expect(taken).toEqual(Array.from({ length: 30 }, (_, n) => n));
  expect(world.engine.get(id).tail).toBe('29');
});

test('a token that is revoked is told, and ends everything', async () => {
  const world = await hubWorld();
  const { ledger } = await world.worker();
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  await world.tokens.revoke('w0');
  await expect(ledger.write(id, firstClaim(id).fence, batch(live('x')), durable)).rejects.toMatchObject({
    code: 'DENIED',
  });
});

test('changes that are none are refused, and change nothing', async () => {
  const world = await hubWorld();
  const { client, ledger } = await world.worker();
  const id = await world.submit();
  const { fence } = firstClaim(id);
  await ledger.claim(firstClaim(id), () => true);
  const wrong = [
    { op: 'drop' },
    { op: 'end', end: { state: 'great', endedAt: 1, tail: '' } },
    { op: 'step', key: '../x', alias: 'web1', change: {} },
    { op: 'step', key: 'x', alias: 'web1', change: { run: 'other' } },
    { ...intent, extra: 1 },
  ];
  for (const op of wrong)
    await expect(
      client.ask('write', { runId: id, fence, durable: true, ops: [op] as never }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(world.engine.get(id).state).toBe('running');
});

test('a large result is stored whole', async () => {
  const world = await hubWorld();
  const { ledger } = await world.worker();
  const id = await world.submit();
  await ledger.claim(firstClaim(id), () => true);
  const text = 'line \u00e4 "quoted"\n'.repeat(1_000_000);
  const large: LedgerOp = {
    op: 'end',
    end: { state: 'succeeded', endedAt: 1, tail: '', output: JSON.stringify({ text }) },
  };
  await ledger.write(id, firstClaim(id).fence, batch(large), durable);
  expect(world.engine.get(id).output).toEqual({ text });
});
