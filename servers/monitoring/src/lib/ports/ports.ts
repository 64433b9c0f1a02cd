import { z } from 'zod';
import { type Section, sectionText } from '../host/sections.ts';
import { hostWord } from '../host/words.ts';
import { exposureOf } from './exposure.ts';
import { type Firewall, NO_FIREWALL, parseNft, parseUfw } from './firewall.ts';
import { type Listener, parseListeners } from './listeners.ts';

export const Port = z.object({
  protocol: z.enum(['tcp', 'udp']),
  port: z.number().int(),
  addresses: z.array(z.string()),
  exposure: z.enum(['loopback', 'private', 'public']).describe('By its addresses alone'),
  firewall: z
    .enum(['allowed', 'blocked', 'bypassed', 'unknown'])
    .describe("What the host's own firewall does; bypassed: Docker publishes past it"),
  process: z.string().optional(),
  pid: z.number().int().optional(),
  user: z.string().optional(),
  unit: z.string().optional(),
  container: z.string().optional().describe('Container that publishes it'),
});
export type Port = z.infer<typeof Port>;

const RANK = { public: 0, private: 1, loopback: 2 };

/** One row per protocol, port and process, the most exposed first. */
export function portsOf(sections: readonly Section[]): { ports: Port[]; firewall: Firewall } {
  const firewall =
    parseUfw(sectionText(sections, 'ufw')) ?? parseNft(sectionText(sections, 'nft')) ?? NO_FIREWALL;
  const published = parsePublished(sectionText(sections, 'docker'));
  const listeners = [...parseListeners(sections), ...unseen(sections, published)];
  const ports = new Map<string, Port>();
  for (const listener of listeners) {
    const key = `${listener.protocol} ${listener.port} ${listener.pid ?? ''}`;
    const row = rowOf(listener, published, firewall);
    const known = ports.get(key);
    if (!known) ports.set(key, row);
    else if (!known.addresses.includes(listener.address)) {
      known.addresses.push(listener.address);
      if (RANK[row.exposure] < RANK[known.exposure]) {
        known.exposure = row.exposure;
        known.firewall = row.firewall;
      }
    }
  }
  const sorted = [...ports.values()].sort(
    (a, b) => RANK[a.exposure] - RANK[b.exposure] || a.port - b.port || (a.protocol < b.protocol ? -1 : 1),
  );
  return { ports: sorted, firewall };
}

function rowOf(listener: Listener, published: readonly Published[], firewall: Firewall): Port {
  const { protocol, port, address } = listener;
  const proxied =
    listener.process === undefined || /^(?:docker-proxy|rootlessport|conmon)/.test(listener.process);
  const container = proxied
    ? published.find((one) => one.port === port && one.protocol === protocol)?.container
    : undefined;
  const exposure = exposureOf(address);
  const filtered = exposure === 'loopback' ? 'unknown' : firewall.verdict(protocol, port);
  const past = container !== undefined && exposure !== 'loopback' && firewall.kind !== 'none';
  return {
    protocol,
    port,
    addresses: [hostWord(address, 60)],
    exposure,
    firewall: past ? 'bypassed' : filtered,
    ...(listener.process !== undefined && { process: hostWord(listener.process, 60) }),
    ...(listener.pid !== undefined && { pid: listener.pid }),
    ...(listener.user !== undefined && { user: hostWord(listener.user, 60) }),
    ...(listener.unit !== undefined && { unit: hostWord(listener.unit, 100) }),
    ...(container !== undefined && { container: hostWord(container, 100) }),
  };
}

interface Published {
  container: string;
  address: string;
  port: number;
  protocol: 'tcp' | 'udp';
}

/** `name|0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 9000/tcp`; ranges are expanded up to 100 ports. */
export function parsePublished(text: string): Published[] {
  return text.split('\n').flatMap((line) => {
    const [container = '', ports = ''] = line.split('|');
    return ports.split(', ').flatMap((part): Published[] => {
      const match = /^\[?([0-9a-fA-F.:]*?)\]?:(\d{1,5})(?:-(\d{1,5}))?->.*\/(tcp|udp)$/.exec(part);
      if (!match) return [];
      const [, address = '', first, last = first, protocol] = match;
      const count = Math.min(100, Number(last) - Number(first) + 1);
      return Array.from({ length: Math.max(0, count) }, (_, at) => ({
        container,
        address: address || '0.0.0.0',
        port: Number(first) + at,
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
      }));
    });
  });
}

/** Published by packet filter rules alone (no userland proxy), so that nothing listens. */
function unseen(sections: readonly Section[], published: readonly Published[]): Listener[] {
  const seen = new Set(parseListeners(sections).map(({ protocol, port }) => `${protocol} ${port}`));
  return published
    .filter(({ protocol, port }) => !seen.has(`${protocol} ${port}`))
    .map(({ protocol, port, address }) => ({ protocol, port, address }));
}
