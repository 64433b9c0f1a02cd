import type { ClientChannel } from 'ssh2';

/** The parts of ssh2's channel that flow control lives in (lib/Channel.js, lib/protocol/Protocol.js). */
interface Internals {
  incoming?: { window?: number; state?: string };
  outgoing?: { id?: number; state?: string };
  _client?: { _protocol?: { channelWindowAdjust?(channel: number, amount: number): void } };
}

const WINDOW = 8 * 1024 * 1024;

/**
 * ssh2 receives at most 2 MiB per channel in flight and asks for more only when half of it is used up, which is
 * 23 MiB/s at 40 ms. Keeps this channel's window at 8 MiB; returns what to call after data was received. Does
 * nothing when ssh2 is not built as expected.
 */
export function widenWindow(channel: ClientChannel): () => void {
  const { incoming, outgoing, _client: client } = channel as Internals;
  const protocol = client?._protocol;
  const id = outgoing?.id;
  if (typeof incoming?.window !== 'number' || id === undefined || !protocol?.channelWindowAdjust)
    return () => {};
  const { window } = incoming;
  const grant = (): void => {
    const missing = WINDOW - (incoming.window ?? window);
    if (missing < WINDOW / 4 || outgoing?.state !== 'open') return;
    incoming.window = WINDOW;
    protocol.channelWindowAdjust?.(id, missing);
  };
  grant();
  return grant;
}
