/** Names of everything that a fleet has in Redis. Two state files never share one. */
export interface FleetKeys {
  /** Prefix of BullMQ's queues, one per lane. */
  queues: string;
  /** Set of lanes that have or had tickets. */
  lanes: string;
  /** A random text that is gone when Redis lost its data. */
  generation: string;
  /** Consumers by the time of their last sign of life. */
  peers: string;
  /** Channel of ticket ids that are to be cancelled. */
  cancels: string;
  /** There while the holder of a ticket works on although Redis lost it. */
  held(id: string): string;
}

export function fleetKeys(fleet: string): FleetKeys {
  const own = `flotilla:${fleet}`;
  return {
    queues: `${own}:lane`,
    lanes: `${own}:lanes`,
    generation: `${own}:generation`,
    peers: `${own}:peers`,
    cancels: `${own}:cancels`,
    held: (id) => `${own}:held:${id}`,
  };
}
