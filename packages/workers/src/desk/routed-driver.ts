import type { Ticket, TicketDriver } from '@flotilla/jobs';

/** A driver that puts each ticket into the queue that `queueOf` says: a run's hosts decide who may take it. */
export function routedDriver(
  own: TicketDriver,
  queueOf: (ticket: Pick<Ticket, 'id' | 'lane'>) => string,
): TicketDriver {
  const routed = <T extends Pick<Ticket, 'id' | 'lane'>>(ticket: T): T => ({
    ...ticket,
    lane: queueOf(ticket),
  });
  return {
    sharesStore: own.sharesStore,
    open: () => own.open(),
    close: (options) => own.close(options),
    health: () => own.health(),
    onRecovered: (listener) => own.onRecovered(listener),
    enqueue: (ticket, options) => own.enqueue(routed(ticket), options),
    enqueueMany: (tickets) => own.enqueueMany(tickets.map(routed)),
    withdraw: (id) => own.withdraw(id),
    consume: (lane, consumer) => own.consume(lane, consumer),
    cancel: (id) => own.cancel(id),
    settle: (id, fence, settlement) => own.settle(id, fence, settlement),
    pause: (lane) => own.pause(lane),
    resume: (lane) => own.resume(lane),
    inspect: (id) => own.inspect(id),
    counts: (lane) => own.counts(lane),
    missing: (tickets) => own.missing(tickets.map(routed)),
    exclusively: (name, work) => own.exclusively(name, work),
  };
}
