import type { ChannelLease, HostLinks, LeaseOptions } from '../../src/index.ts';

/** Runs a command on a leased channel and returns its standard output. */
export async function run(
  links: HostLinks,
  alias: string,
  command: string,
  options?: LeaseOptions,
): Promise<string> {
  const lease = await links.lease(alias, options);
  try {
    return await runOn(lease, command);
  } finally {
    lease.release();
  }
}

export async function runOn(lease: ChannelLease, command: string): Promise<string> {
  const channel = await lease.link.exec(command);
  channel.stderr.resume();
  let out = '';
  channel.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  await new Promise((resolve) => channel.once('close', resolve));
  return out;
}
