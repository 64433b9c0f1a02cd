export interface GrowthInput {
  /** Callers for whom no channel is free nor on its way. */
  uncovered: number;
  links: number;
  connecting: number;
  channelsPerConnection: number;
  maxConnections: number;
  /** Time before which no further connection is added to existing ones. */
  growAfter: number;
  now: number;
}

/**
 * How many connections to start now. A host without any gets one attempt alone: if it is down, it is not
 * hammered, and everybody who waits learns of it. A pause after a failure only holds back further ones.
 */
export function connectionsToStart(input: GrowthInput): number {
  const { uncovered, links, connecting } = input;
  if (uncovered <= 0) return 0;
  if (links === 0) return connecting === 0 ? 1 : 0;
  if (input.now < input.growAfter) return 0;
  const wanted = Math.ceil(uncovered / input.channelsPerConnection);
  return Math.max(0, Math.min(wanted, input.maxConnections - links) - connecting);
}
