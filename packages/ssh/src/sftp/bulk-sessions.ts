import type { HostLinks } from '../links.ts';
import { openSession, type SftpSession } from './session.ts';

const IDLE_MS = 30_000;
const MAX_IDLE = 4;

/**
 * Sessions for transfers, each used by one at a time, apart from the shared one so that small operations never
 * queue behind megabytes. A few stay open for a while: opening one takes four round trips.
 */
export class BulkSessions {
  private readonly links: HostLinks;
  private readonly idle = new Map<SftpSession, NodeJS.Timeout>();

  constructor(links: HostLinks) {
    this.links = links;
  }

  async take(alias: string, signal: AbortSignal): Promise<SftpSession> {
    for (const session of this.idle.keys()) {
      if (session.alias !== alias) continue;
      this.forget(session);
      if (session.client.channel.isClosed) continue;
      this.links.setIdle(session.lease, false);
      return session;
    }
    let opened: SftpSession | undefined;
    const reclaim = (): void => {
      if (opened && this.forget(opened)) void opened.close();
    };
    opened = await openSession(this.links, alias, { signal, reclaim });
    return opened;
  }

  give(session: SftpSession): void {
    const ofHost = [...this.idle.keys()].filter(({ alias }) => alias === session.alias);
    if (session.client.channel.isClosed || ofHost.length >= MAX_IDLE) {
      void session.close();
      return;
    }
    const drop = (): void => {
      if (this.forget(session)) void session.close();
    };
    this.idle.set(session, setTimeout(drop, IDLE_MS).unref());
    void session.client.channel.closed.then(drop);
    this.links.setIdle(session.lease, true);
  }

  private forget(session: SftpSession): boolean {
    clearTimeout(this.idle.get(session));
    return this.idle.delete(session);
  }
}

const known = new WeakMap<HostLinks, BulkSessions>();

export function bulkSessions(links: HostLinks): BulkSessions {
  const sessions = known.get(links) ?? new BulkSessions(links);
  known.set(links, sessions);
  return sessions;
}
