/** What a queue driver in a package of its own is built from. */
export { HeldTicket, settlementOf } from './held-ticket.ts';
export { createLeases, type LeaseKeeper, type LeasesOptions, noLeases } from './leases.ts';
export type {
  Consumer,
  Delivery,
  DriverHealth,
  EnqueueOptions,
  Settlement,
  Ticket,
  TicketCounts,
  TicketDriver,
  TicketInfo,
} from './port.ts';
export { checkTicket } from './ticket-names.ts';
