import type { Sql, StateStore } from '@flotilla/store';
import { isCertainlyDead, type ProcessIdentity, thisProcess } from './machine.ts';
import { SilenceMeter } from './silence.ts';

type PeerRow = ProcessIdentity & { beat: number };

/** A process that lost what it held. */
export interface Expelled {
  id: string;
  /** Its process is gone for certain; otherwise it was silent, and may only be frozen. */
  ended: boolean;
}

/**
 * The processes that hold something in this state file. A holder bumps a counter; one whose counter stands
 * still for the lease, or whose process has certainly ended, loses what it holds.
 */
export class Peers {
  readonly self: ProcessIdentity;
  readonly #store: StateStore;
  readonly #leaseMs: number;
  readonly #silence: SilenceMeter;
  /** Monotonic. */
  #announcedAt = Number.NEGATIVE_INFINITY;

  constructor(store: StateStore, leaseMs: number, id?: string) {
    this.self = thisProcess(id);
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#silence = new SilenceMeter(Math.max(50, leaseMs / 4));
  }

  /** Inside a transaction that takes something: makes this process known as a living holder. */
  announce(sql: Sql): void {
    const { id, pid, started, machine } = this.self;
    const now = performance.now();
    const lately = now - this.#announcedAt < this.#leaseMs / 8;
    if (lately && sql.get('SELECT 1 FROM job_peer WHERE id = ?', [id])) return;
    this.#announcedAt = now;
    // Never a number that it had before: whoever gave this process up would take it for silent still.
    sql.run(
      `INSERT INTO job_peer (id, pid, started, machine, beat) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET beat = beat + 1`,
      [id, pid, started, machine, Math.trunc(now)],
    );
  }

  /** False: the others gave this process up, and it holds nothing any more. */
  beat(): Promise<boolean> {
    return this.#store.write(
      (sql) => sql.run('UPDATE job_peer SET beat = beat + 1 WHERE id = ?', [this.self.id]).changes === 1,
      { durable: false },
    );
  }

  count(): number {
    return this.#store.read((sql) => sql.get<{ n: number }>('SELECT count(*) AS n FROM job_peer')?.n ?? 0);
  }

  /** Frees what dead processes held; returns those that were given up. */
  async expelDead(): Promise<Expelled[]> {
    const others = this.#store.read((sql) =>
      sql.all<PeerRow>('SELECT id, pid, started, machine, beat FROM job_peer WHERE id <> ?', [this.self.id]),
    );
    const silence = this.#silence.look(others);
    const dead = others
      .map((peer) => ({ peer, ended: isCertainlyDead(peer) }))
      .filter(({ peer, ended }) => ended || (silence.get(peer.id) ?? 0) > this.#leaseMs);
    const expelled = await Promise.all(
      dead.map(async ({ peer, ended }) => ((await this.#expel(peer)) ? [{ id: peer.id, ended }] : [])),
    );
    return expelled.flat();
  }

  /** Lets go of everything that this process holds. */
  leave(): Promise<void> {
    return this.#store.write((sql) => free(sql, this.self.id), { durable: false });
  }

  #expel(peer: PeerRow): Promise<boolean> {
    return this.#store.write(
      (sql) => {
        const silent = sql.get('SELECT 1 FROM job_peer WHERE id = ? AND beat = ?', [peer.id, peer.beat]);
        if (silent) free(sql, peer.id);
        return silent !== undefined;
      },
      { durable: false },
    );
  }
}

function free(sql: Sql, id: string): void {
  sql.run('UPDATE job_ticket SET holder = NULL WHERE holder = ?', [id]);
  sql.run('DELETE FROM job_lease WHERE holder = ?', [id]);
  sql.run('DELETE FROM job_peer WHERE id = ?', [id]);
}
