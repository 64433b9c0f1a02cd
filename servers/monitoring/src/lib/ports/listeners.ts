import { bounded } from '../host/numbers.ts';
import { type Section, sectionText } from '../host/sections.ts';

export interface Listener {
  protocol: 'tcp' | 'udp';
  /** `*` stands for every address of both families. */
  address: string;
  port: number;
  process?: string;
  pid?: number;
  uid?: number;
  user?: string;
  /** The systemd unit of its control group. */
  unit?: string;
}

const MAX_LISTENERS = 5000;

export function parseListeners(sections: readonly Section[]): Listener[] {
  const owners = ownersOf(sectionText(sections, 'owners'));
  const names = namesOf(sectionText(sections, 'passwd'));
  const ss = sectionText(sections, 'ss');
  const found = ss === '' ? fromProc(sections) : ss.split('\n').flatMap(parseSs);
  return found.slice(0, MAX_LISTENERS).map((listener) => {
    const user = (listener.pid !== undefined && owners.get(listener.pid)) || names.get(listener.uid ?? 0);
    return user ? { ...listener, user } : listener;
  });
}

/** One line of `ss -Htulnpe` (ss(8)): netid state recv-q send-q local peer, then details. */
export function parseSs(line: string): Listener[] {
  const [netid, , , , local = '', , ...details] = line.trim().split(/\s+/);
  const [, address = '', portText] = /^(.*):(\d{1,5})$/.exec(local) ?? [];
  const port = bounded(portText, 1, 65_535);
  if ((netid !== 'tcp' && netid !== 'udp') || port === undefined) return [];
  const rest = details.join(' ');
  const [, process, pid] = /users:\(\("((?:[^"\\]|\\.)*)",pid=(\d{1,10})/.exec(rest) ?? [];
  const uid = bounded(/\buid:(\d{1,10})/.exec(rest)?.[1]);
  const unit = /\bcgroup:\S*\/([^/\s]+\.service)/.exec(rest)?.[1];
  return [
    {
      protocol: netid,
      address: plainAddress(address),
      port,
      ...(process !== undefined && { process, pid: Number(pid) }),
      uid: uid ?? 0,
      ...(unit !== undefined && { unit }),
    },
  ];
}

/** Without brackets and interface: `[fe80::1]%eth0` and `127.0.0.53%lo`. */
const plainAddress = (address: string): string =>
  address
    .replace(/%[^\]]*/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '');

function fromProc(sections: readonly Section[]): Listener[] {
  const commands = new Map(
    sectionText(sections, 'comm')
      .split('\n')
      .map((line) => /^(\d+) (.*)$/.exec(line))
      .flatMap((match) => (match ? [[Number(match[1]), match[2] ?? ''] as const] : [])),
  );
  const pidOf = new Map<string, number>();
  for (const part of sectionText(sections, 'fds').split(/^\/proc\//m)) {
    const pid = Number(/^(\d+)\/fd:/.exec(part)?.[1]);
    if (Number.isInteger(pid))
      for (const [, inode] of part.matchAll(/socket:\[(\d+)\]/g)) pidOf.set(inode ?? '', pid);
  }
  return sectionText(sections, 'proc')
    .split(/^# /m)
    .flatMap((table) => {
      const [name = '', ...lines] = table.split('\n');
      const protocol = name.startsWith('tcp') ? 'tcp' : 'udp';
      return lines.flatMap((line): Listener[] => {
        const listener = parseProcLine(line, protocol);
        if (!listener) return [];
        const pid = pidOf.get(listener.inode);
        const { inode: _, ...rest } = listener;
        return [pid === undefined ? rest : { ...rest, pid, process: commands.get(pid) ?? '?' }];
      });
    });
}

/** A row of /proc/net/tcp or udp (proc(5)): state 0A listens; an unconnected udp socket is 07. */
export function parseProcLine(
  line: string,
  protocol: 'tcp' | 'udp',
): (Listener & { inode: string }) | undefined {
  const fields = line.trim().split(/\s+/);
  const [, addressHex = '', portHex = ''] =
    /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(fields[1] ?? '') ?? [];
  const port = Number.parseInt(portHex, 16);
  if (!(port > 0) || fields[3] !== (protocol === 'tcp' ? '0A' : '07')) return undefined;
  return {
    protocol,
    address: hexAddress(addressHex),
    port,
    uid: bounded(fields[7]) ?? 0,
    inode: fields[9] ?? '',
  };
}

/** Each group of four bytes is little endian on the machines this runs against. */
export function hexAddress(hex: string): string {
  const bytes = [...hex.matchAll(/.{8}/g)].flatMap(([word]) =>
    [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?:$|:)/, '::');
}

function ownersOf(text: string): Map<number, string> {
  const owners = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, user, pid] = /^(\S{1,64}) \/proc\/(\d+)$/.exec(line) ?? [];
    if (user !== undefined) owners.set(Number(pid), user);
  }
  return owners;
}

function namesOf(text: string): Map<number, string> {
  const pairs = text.split('\n').map((line) => line.split(':'));
  return new Map(pairs.map(([name = '', uid]) => [Number(uid), name] as const));
}
