import type { ClientChannel } from 'ssh2';
import { assignBytes, runRemote } from './remote-command.ts';
import type { TransferHost } from './transfer-host.ts';

const MIB = 1024 * 1024;
const STEP = 8;
const ALL = 'all';
const QUIT = 'quit';
const STOP_MS = 2000;

/** sha256 on the host of a file that is still being written: it reads as far as it is told. */
export interface HostFollower {
  /** Everything before this offset is written. */
  upTo(offset: number): void;
  /** The sum of the whole file; undefined when the host could not make it. */
  finish(): Promise<string | undefined>;
  /** Resolves when it holds the file no more; never rejects. */
  stop(): Promise<void>;
}

/** Starts following an existing file. The last byte's sum is then one round trip away instead of a whole reading. */
export function followOnHost(host: TransferHost, path: Uint8Array): HostFollower {
  const stop = new AbortController();
  let told = 0;
  let reached = 0;
  let channel: ClientChannel | undefined;
  let complete: (word: string) => void = () => {};
  const last = new Promise<string>((resolve) => {
    complete = resolve;
  });
  const tell = (): void => {
    const count = Math.floor(reached / MIB) - told;
    if (count < STEP || !channel?.writable) return;
    told += count;
    channel.write(`${count}\n`);
  };
  const result = follow(host, path, stop.signal, async (opened) => {
    channel = opened;
    tell();
    opened.end(`${await last}\n`);
  });
  result.catch(() => {});
  return {
    upTo: (offset) => {
      reached = offset;
      tell();
    },
    finish: () => {
      complete(ALL);
      return result;
    },
    stop: async () => {
      complete(QUIT);
      const timer = setTimeout(() => stop.abort(), STOP_MS);
      await result.catch(() => {});
      clearTimeout(timer);
    },
  };
}

async function follow(
  host: TransferHost,
  path: Uint8Array,
  stop: AbortSignal,
  input: (channel: ClientChannel) => Promise<void>,
): Promise<string | undefined> {
  const { sha256 } = await host.capabilities();
  if (!sha256) return undefined;
  const open = `${assignBytes('p', path)}; case $p in -*) p=./$p;; esac; exec 3<"$p"`;
  const part = `dd bs=${MIB} count="$n" <&3 2>/dev/null`;
  const read = `while read -r n; do case $n in ${QUIT}) exit;; ${ALL}) cat <&3; exit;; *) ${part};; esac; done`;
  const signal = AbortSignal.any([host.signal, stop]);
  const end = await runRemote(host.links, host.alias, `${open}; { ${read}; } | ${sha256}`, { signal, input });
  const sum = /^[0-9a-f]{64}/.exec(end.stdout.toString('latin1'))?.[0];
  return end.exitCode === 0 ? sum : undefined;
}
