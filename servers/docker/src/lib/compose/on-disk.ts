import type { ToolContext } from '@flotilla/core';
import { quote } from '@flotilla/ssh';

const CHUNK = 200;

/** Which of these files of the host are there; one read per 200. */
export async function filesOnDisk(
  context: Pick<ToolContext, 'hosts' | 'signal'>,
  alias: string,
  paths: readonly string[],
): Promise<Set<string>> {
  const present = new Set<string>();
  const distinct = [...new Set(paths)].filter((path) => path.startsWith('/') && !path.includes('\0'));
  for (let at = 0; at < distinct.length; at += CHUNK) {
    const some = distinct.slice(at, at + CHUNK);
    const tests = some.map((path, index) => `[ -e ${quote(path)} ] && echo ${index}`).join('\n');
    const { stdout } = await context.hosts.shell(alias, `${tests}\nexit 0`, { signal: context.signal });
    for (const line of stdout.split('\n')) {
      const path = /^\d{1,3}$/.test(line) ? some[Number(line)] : undefined;
      if (path !== undefined) present.add(path);
    }
  }
  return present;
}
