import type { HostLinks } from '../links.ts';
import type { SftpClient } from './protocol/sftp-client.ts';
import { openSession, type SftpSession } from './session.ts';

const IDLE_MS = 30_000;

interface Shared {
  opening: Promise<SftpSession>;
  users: number;
  timer?: NodeJS.Timeout;
}

/** One SFTP session per host for all small operations: requests of different callers share it. */
export class SharedSessions {
  private readonly links: HostLinks;
  private readonly byAlias = new Map<string, Shared>();

  constructor(links: HostLinks) {
    this.links = links;
  }

  async use<T>(alias: string, work: (client: SftpClient) => Promise<T>): Promise<T> {
    const shared = this.byAlias.get(alias) ?? this.open(alias);
    shared.users++;
    clearTimeout(shared.timer);
    const session = await shared.opening;
    if (!this.links.isCurrent(session.lease)) {
      this.drop(alias, shared);
      return this.use(alias, work);
    }
    try {
      this.links.setIdle(session.lease, false);
      return await work(session.client);
    } finally {
      if (--shared.users === 0) this.rest(alias, shared, session);
    }
  }

  private open(alias: string): Shared {
    const reclaim = (): void => {
      const current = this.byAlias.get(alias);
      if (current === shared && shared.users === 0) this.drop(alias, shared);
    };
    const shared: Shared = { users: 0, opening: openSession(this.links, alias, { reclaim }) };
    this.byAlias.set(alias, shared);
    shared.opening.then(
      (session) => session.client.channel.closed.then(() => this.drop(alias, shared)),
      () => this.forget(alias, shared),
    );
    return shared;
  }

  private rest(alias: string, shared: Shared, session: SftpSession): void {
    if (this.byAlias.get(alias) !== shared) return;
    shared.timer = setTimeout(() => this.drop(alias, shared), IDLE_MS);
    shared.timer.unref();
    this.links.setIdle(session.lease, true);
  }

  private drop(alias: string, shared: Shared): void {
    this.forget(alias, shared);
    void shared.opening.then((session) => session.close());
  }

  private forget(alias: string, shared: Shared): void {
    clearTimeout(shared.timer);
    if (this.byAlias.get(alias) === shared) this.byAlias.delete(alias);
  }
}

const known = new WeakMap<HostLinks, SharedSessions>();

export function sharedSessions(links: HostLinks): SharedSessions {
  let sessions = known.get(links);
  if (!sessions) {
    sessions = new SharedSessions(links);
    known.set(links, sessions);
  }
  return sessions;
}
