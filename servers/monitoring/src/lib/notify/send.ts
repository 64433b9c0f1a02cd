import type { Redactor } from '@flotilla/core';
import { requestOf, SERVICE_BASES, type ServiceBases } from './http-request.ts';
import { mailOf } from './mail.ts';
import { maskStrings } from './mask.ts';
import type { AlertmanagerMessage } from './message.ts';
import type { Target } from './target.ts';
import type { Delivery, Transport } from './transport.ts';

export interface SendOptions {
  /** The same for every attempt at one notice. */
  id: string;
  now: number;
  bases?: { [name in keyof ServiceBases]?: string | undefined } | undefined;
}

/** One attempt. Known secrets are masked in what goes out: an annotation may have been filled with one. */
export function send(
  { transport, redactor }: { transport: Transport; redactor: Redactor },
  target: Target,
  message: AlertmanagerMessage,
  { id, now, bases }: SendOptions,
): Promise<Delivery> {
  const masked = maskStrings(redactor, message);
  if (target.kind === 'mail') return transport.mail(target, mailOf(target, masked, { id, now }));
  return transport.http(requestOf(target, masked, { id, now, bases: basesOf(bases) }));
}

const basesOf = (given: SendOptions['bases']): ServiceBases => ({
  slack: given?.slack ?? SERVICE_BASES.slack,
  discord: given?.discord ?? SERVICE_BASES.discord,
  telegram: given?.telegram ?? SERVICE_BASES.telegram,
});
