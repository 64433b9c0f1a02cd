import type { HostLinks } from '../../links.ts';
import { bulkSessions } from '../bulk-sessions.ts';
import type { SftpClient } from '../protocol/sftp-client.ts';
import type { SftpSession } from '../session.ts';
import { AttrsAhead } from './attrs-ahead.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';

/** One connection's 2 MiB windows stop filling a link above this round trip; several channels do. */
const SLOW_LINK_MS = 10;
const LANES = 4;
/** An extra channel that the pool cannot give within this time is done without. */
const LANE_WAIT_MS = 3000;

/** The host of one running transfer: its SFTP sessions and what it can do. Close it at the end. */
export class TransferHost {
  readonly links: HostLinks;
  readonly alias: string;
  readonly signal: AbortSignal;
  readonly client: SftpClient;
  readonly ahead: AttrsAhead;
  private readonly main: SftpSession;
  private readonly extra: Promise<SftpSession | undefined>[] = [];

  private constructor(links: HostLinks, main: SftpSession, signal: AbortSignal) {
    this.links = links;
    this.alias = main.alias;
    this.signal = signal;
    this.main = main;
    this.client = main.client;
    this.ahead = new AttrsAhead(main.client);
  }

  static async open(links: HostLinks, alias: string, signal: AbortSignal): Promise<TransferHost> {
    const host = new TransferHost(links, await bulkSessions(links).take(alias, signal), signal);
    void host.capabilities();
    return host;
  }

  capabilities(): Promise<Capabilities> {
    return capabilitiesOf(this.links, this.alias);
  }

  /** Sessions for one big file, the first at once; the others are undefined when none is free. */
  lanes(): Promise<SftpClient | undefined>[] {
    if (this.client.rttMs >= SLOW_LINK_MS) {
      while (this.extra.length < LANES - 1) this.extra.push(this.openExtra());
    }
    const others = this.extra.map((session) => session.then((opened) => opened?.client));
    return [Promise.resolve(this.client), ...others];
  }

  /** `clean`: nothing is under way any more, so that the sessions can serve another transfer. */
  async close(clean: boolean): Promise<void> {
    const sessions = [this.main, ...(await Promise.all(this.extra))];
    for (const session of sessions) if (session && clean) bulkSessions(this.links).give(session);
    if (!clean) await Promise.all(sessions.map((session) => session?.close()));
  }

  private openExtra(): Promise<SftpSession | undefined> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(LANE_WAIT_MS)]);
    return bulkSessions(this.links)
      .take(this.alias, signal)
      .catch(() => undefined);
  }
}
