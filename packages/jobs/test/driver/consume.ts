import type { Delivery, Settlement, TicketDriver } from '../../src/index.ts';

export const LANE = 'docker';

/** A consumer in this process whose deliveries end when the test says so. */
export function consumeHere(driver: TicketDriver, concurrency: number, lane = LANE) {
  const deliveries: Delivery[] = [];
  const finishers = new Map<Delivery, (settlement: Settlement) => void>();
  driver.consume(lane, {
    concurrency,
    handler(delivery) {
      deliveries.push(delivery);
      return new Promise((finish) => finishers.set(delivery, finish));
    },
  });
  const finish = (delivery: Delivery | undefined, settlement: Settlement = 'done'): void => {
    if (delivery) finishers.get(delivery)?.(settlement);
  };
  return { deliveries, finish, ids: () => deliveries.map((one) => one.ticket.id) };
}

/** One at a time, each done at once. */
export function consumeInOrder(driver: TicketDriver, order: string[]): void {
  driver.consume(LANE, {
    concurrency: 1,
    async handler({ ticket }) {
      order.push(ticket.id);
      return 'done';
    },
  });
}
