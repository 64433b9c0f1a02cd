import { isFlotillaError, type Logger, type Redactor } from '@flotilla/core';
import type { NotifierStore } from './notifier-store.ts';
import type { Notice, Outbox } from './outbox.ts';
import { type SendOptions, send } from './send.ts';
import type { Delivery, Transport } from './transport.ts';

export interface DeliveryParts {
  outbox: Outbox;
  notifiers: Pick<NotifierStore, 'target'>;
  transport: Transport;
  redactor: Redactor;
  bases?: SendOptions['bases'];
  log: Pick<Logger, 'warn'>;
}

/** One round through the outbox; resolves with the number of notices that were delivered. */
export async function deliver(parts: DeliveryParts, now: number): Promise<number> {
  const due = await parts.outbox.claim(now);
  const deliveries = await Promise.all(due.map((notice) => attempt(parts, notice, now)));
  return deliveries.filter(({ ok }) => ok).length;
}

async function attempt(parts: DeliveryParts, notice: Notice, now: number): Promise<Delivery> {
  const { outbox, notifiers, bases, log } = parts;
  let delivery: Delivery;
  try {
    delivery = await send(parts, notifiers.target(notice.receiver), notice.message, {
      id: notice.id,
      now,
      bases,
    });
  } catch (error) {
    const gone = isFlotillaError(error) && error.code === 'NOT_FOUND';
    if (!gone) log.warn({ err: error, notifier: notice.receiver }, 'a notice could not be sent');
    delivery = { ok: false, retry: !gone, detail: gone ? 'the notifier was removed' : 'internal error' };
  }
  if (!delivery.ok)
    log.warn(
      { notifier: notice.receiver, attempt: notice.attempts, reason: delivery.detail },
      'a notice was not accepted',
    );
  await outbox.settle(notice, delivery, now);
  return delivery;
}
