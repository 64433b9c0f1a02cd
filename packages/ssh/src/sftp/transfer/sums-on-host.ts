import { assignBytes, runRemote } from './remote-command.ts';
import type { TransferHost } from './transfer-host.ts';

const SUM = /^\\?[0-9a-f]{64} [ *]$/;

/**
 * sha256 of many files below a folder, computed on the host in one command; files without a sum are missing from
 * the answer. Undefined when the host has no program for that.
 */
export async function sumsOnHost(
  host: TransferHost,
  root: Uint8Array,
  names: readonly string[],
): Promise<Map<string, string> | undefined> {
  const { sha256, xargs } = await host.capabilities();
  if (!sha256 || !xargs) return undefined;
  if (names.length === 0) return new Map();
  const script = `${assignBytes('p', root)}; cd -- "$p" && xargs -0 ${sha256}`;
  const input = Buffer.from(names.map((name) => `./${name}\0`).join(''), 'latin1');
  const end = await runRemote(host.links, host.alias, script, { signal: host.signal, input });
  return parseSums(end.stdout.toString('latin1'), names);
}

/**
 * The output of sha256sum or openssl for `./name` arguments in this order; a file that could not be read has no line. GNU
 * escapes newline and backslash in a name (openssl: newline) and marks the line with a backslash; others do not.
 */
export function parseSums(output: string, names: readonly string[]): Map<string, string> {
  const sums = new Map<string, string>();
  let at = 0;
  for (const name of names) {
    const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    const byOpenssl = name.replaceAll('\n', '\\n');
    for (const shown of [name, escaped, escaped.replaceAll('\\r', '\r'), byOpenssl]) {
      const marked = output[at] === '\\' ? 1 : 0;
      const head = output.slice(at, at + marked + 66);
      const start = at + marked + 66;
      const line = `./${shown}\n`;
      if (!SUM.test(head) || !output.startsWith(line, start)) continue;
      sums.set(name, head.slice(marked, marked + 64));
      at = start + line.length;
      break;
    }
  }
  return sums;
}
