import type { Duplex } from 'node:stream';
import type { StreamTarget } from '@flotilla/core';
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
  try {
    const stream = await open(lease.link, target);
    stream.once('close', () => lease.release());
    return stream;
  } catch (error) {
    lease.release();
    throw error;
  }
}

function open(link: SshLink, target: StreamTarget): Promise<Duplex> {
  if ('socketPath' in target) return link.forwardUnix(target.socketPath);
  if ('port' in target) return link.forwardTcp(target.host, target.port);
  return link.exec(target.command);
}
