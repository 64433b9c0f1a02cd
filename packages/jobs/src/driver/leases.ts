import { FlotillaError } from '@flotilla/core';
import type { Sql, StateStore } from '@flotilla/store';
import { runUnderLease } from './lease.ts';
import { Peers } from './peers.ts';

export interface LeasesOptions {
  store: StateStore;
  /** Silence after which what a process holds is given to others. Default 10,000. */
  leaseMs?: number;
  processId?: string;
}

/** What one process of a state file holds alone: leases by name, and its place among the others. */
export class Leases {
  readonly peers: Peers;
  readonly leaseMs: number;
  readonly #store: StateStore;
  readonly #atWork = new Set<string>();

  constructor({ store, leaseMs = 10_000, processId }: LeasesOptions) {
    this.#store = store;
    this.leaseMs = leaseMs;
    this.peers = new Peers(store, leaseMs, processId);
  }

  get held(): number {
    return this.#atWork.size;
  }

  exclusively<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return runUnderLease({ store: this.#store, peers: this.peers, atWork: this.#atWork }, name, work);
  }
}

/** Leases of a process whose tickets are elsewhere. */
export interface LeaseKeeper {
  /** Of this process among those of the state file. */
  readonly processId?: string;
  /** `ended` is called with the ids of others whose process is gone for certain: by one of those that are left. */
  open(ended?: (processIds: readonly string[]) => void): Promise<void>;
  close(): Promise<void>;
  exclusively<T>(name: string, work: (lost: AbortSignal) => Promise<T>): Promise<T | undefined>;
}

const ELSEWHERE = 'queue:';

/** Does a living process of this state file keep its tickets outside of it? */
export const anotherQueueLives = (sql: Sql): boolean =>
  sql.get(`SELECT 1 FROM job_lease WHERE name LIKE '${ELSEWHERE}%'`) !== undefined;

/** Keeps its own place alive, says that its tickets are elsewhere, and frees what dead processes held. */
export function createLeases(options: LeasesOptions): LeaseKeeper {
  const { store } = options;
  const leases = new Leases(options);
  const { peers } = leases;
  let timer: NodeJS.Timeout | undefined;
  const stay = (): Promise<void> =>
    store.write(
      (sql) => {
        peers.announce(sql);
        const { id } = peers.self;
        sql.run('INSERT OR IGNORE INTO job_lease (name, holder) VALUES (?, ?)', [`${ELSEWHERE}${id}`, id]);
      },
      { durable: false },
    );
  let tell: (processIds: readonly string[]) => void = () => undefined;
  const expel = async (): Promise<void> => {
    const ended = (await peers.expelDead()).filter((one) => one.ended);
    if (ended.length > 0) tell(ended.map(({ id }) => id));
  };
  const beat = async (): Promise<void> => {
    if (!(await peers.beat())) await stay();
    await expel();
  };
  return {
    processId: peers.self.id,
    async open(ended = tell) {
      tell = ended;
      await expel();
      await stay();
      // A full disk or a busy file: the next beat tries again.
      const regularly = (): void => void beat().catch(() => undefined);
      timer = setInterval(regularly, leases.leaseMs / 4).unref();
    },
    async close() {
      clearInterval(timer);
      await peers.leave();
    },
    exclusively: (name, work) => leases.exclusively(name, work),
  };
}

/** For a process that has no state file. */
export const noLeases: LeaseKeeper = {
  open: async () => undefined,
  close: async () => undefined,
  exclusively: async () => {
    throw new FlotillaError('UNSUPPORTED', 'Only a process with a state file can hold a lease.');
  },
};
