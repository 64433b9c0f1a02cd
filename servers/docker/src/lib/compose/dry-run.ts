import { visibleControls } from '@flotilla/core';

/** One thing that compose says it would do. */
export interface DryRunAction {
  kind: 'container' | 'network' | 'volume' | 'image';
  name: string;
  action: 'create' | 'recreate' | 'remove' | 'start' | 'stop' | 'pull' | 'build';
}

const KINDS: Record<string, DryRunAction['kind']> = {
  Container: 'container',
  Network: 'network',
  Volume: 'volume',
};
const ACTIONS: Record<string, DryRunAction['action']> = {
  Creating: 'create',
  Recreate: 'recreate',
  Removing: 'remove',
  Starting: 'start',
  Stopping: 'stop',
};

/** Reads the `DRY-RUN MODE -` lines of `docker compose --dry-run up`. A start that follows from a create is left out. */
export function dryRunActions(printed: string): DryRunAction[] {
  const found = new Map<string, DryRunAction>();
  for (const line of printed.split('\n').slice(0, 10_000)) {
    const [, what, name, word] =
      /DRY-RUN MODE -\s+(Container|Network|Volume)\s+(\S+|".*")\s+([A-Z]\w+)\s*$/.exec(line) ?? [];
    const kind = KINDS[what ?? ''];
    const action = ACTIONS[word ?? ''];
    if (kind === undefined || action === undefined || name === undefined) continue;
    const own = visibleControls(name.replace(/^"(.*)"$/, '$1').replace(/^[0-9a-f]{12}_/, ''));
    const known = found.get(`${kind} ${own}`);
    if (known === undefined || (action !== 'start' && action !== 'stop'))
      found.set(`${kind} ${own}`, { kind, name: own, action });
  }
  return [...found.values()].filter((one) => one.action !== 'stop' || one.kind === 'container');
}
