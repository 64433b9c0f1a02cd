import type { Consumer, Ticket, TicketDriver } from '@flotilla/jobs';
import { expect, test } from 'vitest';
import { queueName, routedDriver } from '../src/index.ts';

type Queued = Pick<Ticket, 'id' | 'lane'>;

/** Tickets of this process only, each in its queue; says what it was asked. */
function ticketTable() {
  const queued = new Map<string, Queued>();
  const asked: string[] = [];
  const has = ({ id, lane }: Queued): boolean => queued.get(id)?.lane === lane;
  const add = (ticket: Ticket): 'added' | 'exists' => {
    if (queued.has(ticket.id)) return 'exists';
    queued.set(ticket.id, ticket);
    return 'added';
  };
  const driver: TicketDriver = {
    sharesStore: false,
    open: async () => void asked.push('open'),
    close: async (options) => void asked.push(`close ${options?.drain}`),
    health: () => ({ ok: true, name: 'table', detail: '', processes: 1 }),
    onRecovered: (listener) => listener(),
    enqueue: async (ticket) => add(ticket),
    enqueueMany: async (tickets) => tickets.map(add),
    withdraw: async (id) => (queued.delete(id) ? 'gone' : 'unknown'),
    consume: (lane) => void asked.push(`consume ${lane}`),
    cancel: async (id) => queued.has(id),
    settle: async (id, fence, settlement) => fence === 1 && settlement === 'done' && queued.delete(id),
    pause: async (lane) => void asked.push(`pause ${lane}`),
    resume: async (lane) => void asked.push(`resume ${lane}`),
    inspect: async (id) => {
      const ticket = queued.get(id);
      return ticket && { ticket, state: 'waiting', fence: 0, cancelRequested: false };
    },
    counts: async (lane) => ({
      waiting: [...queued.values()].filter((one) => lane === undefined || one.lane === lane).length,
      delayed: 0,
      held: 0,
    }),
    missing: async (tickets) => tickets.filter((one) => !has(one)).map(({ id }) => id),
    exclusively: (_name, work) => work(new AbortController().signal),
  };
  return { driver, asked };
}

const far = new Set(['run_a.1', 'run_c.1']);
const queueOf = ({ id, lane }: Queued): string => queueName(lane, far.has(id) ? ['lan', 'dmz'] : []);
const ticket = (id: string): Ticket => ({ id, lane: 'docker', priority: 2 });

test('tickets go into the queue that their hosts decide, alone and many at once, and are found there', async () => {
  const { driver } = ticketTable();
  const routed = routedDriver(driver, queueOf);
  expect(await routed.enqueue(ticket('run_a.1'), { fresh: true })).toBe('added');
  expect(await routed.enqueueMany(['run_a.1', 'run_b.1', 'run_c.1'].map(ticket))).toEqual([
    'exists',
    'added',
    'added',
  ]);
  expect([await driver.counts('docker'), await driver.counts('docker.dmz.lan')]).toMatchObject([
    { waiting: 1 },
    { waiting: 2 },
  ]);
  expect(await routed.inspect('run_a.1')).toMatchObject({
    ticket: { id: 'run_a.1', lane: 'docker.dmz.lan', priority: 2 },
  });
  expect(await routed.missing(['run_a.1', 'run_b.1', 'run_x.1'].map(ticket))).toEqual(['run_x.1']);
  far.delete('run_a.1');
  expect(await routed.missing([ticket('run_a.1')])).toEqual(['run_a.1']);
});

test('everything else is the driver’s own', async () => {
  const { driver, asked } = ticketTable();
  const routed = routedDriver(driver, queueOf);
  await routed.open();
  await routed.enqueue(ticket('run_b.1'));
  await routed.enqueue(ticket('run_d.1'));
  expect([await routed.cancel('run_b.1'), await routed.cancel('run_x.1')]).toEqual([true, false]);
  expect([await routed.settle('run_b.1', 0, 'done'), await routed.settle('run_b.1', 1, 'done')]).toEqual([
    false,
    true,
  ]);
  expect([await routed.withdraw('run_d.1'), await routed.withdraw('run_d.1')]).toEqual(['gone', 'unknown']);
  expect(await routed.counts()).toMatchObject({ waiting: 0 });
  routed.consume('docker', {} as Consumer);
  await routed.pause('docker');
  await routed.resume('docker');
  let recovered = 0;
  routed.onRecovered(() => {
    recovered += 1;
  });
  expect(recovered).toBe(1);
  expect(await routed.exclusively('a lease', async ({ aborted }) => aborted)).toBe(false);
  expect([routed.sharesStore, routed.health()]).toMatchObject([false, { name: 'table' }]);
  await routed.close({ drain: true });
  expect(asked).toEqual(['open', 'consume docker', 'pause docker', 'resume docker', 'close true']);
});
