import type { HostEntry, HostFilter } from '../types.ts';

/** Whether a host is meant by every part of the filter. */
export function matches(entry: HostEntry, filter: HostFilter): boolean {
  if (filter.group !== undefined && !entry.groups.includes(filter.group)) return false;
  if (filter.env !== undefined && entry.env !== filter.env) return false;
  if (filter.tag !== undefined && !entry.tags.includes(filter.tag)) return false;
  if (!filter.text) return true;
  const wanted = filter.text.toLowerCase();
  const words = [entry.alias, entry.host, entry.user, entry.env ?? '', ...entry.groups, ...entry.tags];
  return words.some((word) => word.toLowerCase().includes(wanted));
}
