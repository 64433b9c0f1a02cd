import type { ConfigFile } from './schema.ts';
import type { Mount } from './types.ts';

type Entry = NonNullable<ConfigFile['mcpServers']>[string];

function toMount(name: string, entry: Entry): Mount {
  const base = {
    name,
    disabled: entry.disabled ?? false,
    ...(entry.timeoutMs !== undefined && { timeoutMs: entry.timeoutMs }),
  };
  if (entry.command !== undefined)
    return {
      ...base,
      kind: 'command',
      command: entry.command,
      args: entry.args ?? [],
      env: entry.env ?? {},
      ...(entry.cwd !== undefined && { cwd: entry.cwd }),
    };
  if (entry.worker)
    return {
      ...base,
      kind: 'worker',
      headers: entry.headers ?? {},
      ...(entry.url !== undefined && { url: entry.url }),
    };
  if (entry.url !== undefined) return { ...base, kind: 'url', url: entry.url, headers: entry.headers ?? {} };
  return { ...base, kind: 'builtin', builtin: entry.builtin ?? name };
}

/** In the order of the file. */
export function toMounts(entries: ConfigFile['mcpServers']): Mount[] | undefined {
  return entries && Object.entries(entries).map(([name, entry]) => toMount(name, entry));
}
