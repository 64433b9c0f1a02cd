import type { Duplex } from 'node:stream';
import { FlotillaError, type StreamTarget } from '@flotilla/core';
import type { HostLinks, SshLink } from '../links.ts';

/**
 * A byte stream to something on or behind a host, over its pooled connection. Destroying or ending the stream gives
 * its place in the pool back.
 */
export async function openStream(
  links: HostLinks,
  alias: string,
  target: StreamTarget,
  signal?: AbortSignal,
): Promise<Duplex> {
  const lease = await links.lease(alias, {
    ...(signal && { signal }),
    kind: 'command' in target ? 'session' : 'forward',
  });
  const opening = open(lease.link, target).then(
    (stream) => drainedWhenDestroyed(stream).once('close', () => lease.release()),
    (error: unknown) => {
      lease.release();
      throw error;
    },
  );
  return signal ? unlessAborted(opening, signal) : opening;
}

/** ssh2 closes a channel only after its readable side was read to the end, which nobody does after `destroy`. */
function drainedWhenDestroyed(stream: Duplex): Duplex {
  const destroy = stream.destroy.bind(stream);
  return Object.assign(stream, {
    destroy(error?: Error) {
      destroy(error);
      stream.resume();
      return stream;
    },
  });
}

/** A host that does not answer must not hold the caller: a stream that still comes after the abort is thrown away. */
function unlessAborted(opening: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      reject(new FlotillaError('CANCELLED', 'The stream was no longer wanted.'));
      opening.then(
        (stream) => stream.destroy(),
        () => undefined,
      );
    };
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    opening.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function open(link: SshLink, target: StreamTarget): Promise<Duplex> {
  if ('socketPath' in target) return link.forwardUnix(target.socketPath);
  if ('port' in target) return link.forwardTcp(target.host, target.port);
  return link.exec(target.command);
}
