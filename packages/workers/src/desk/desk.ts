import { FlotillaError, failureOf, type HostView } from '@flotilla/core';
import type { ExecutorAccess, LedgerOp } from '@flotilla/jobs';
import type { z } from 'zod';
import { pause } from '../pause.ts';
import type {
  Answers,
  Grounds,
  HostLease,
  REQUESTS,
  RequestName,
  WorkerSettings,
} from '../protocol/messages.ts';
import type { CallLeases } from './call-leases.ts';
import type { ErrandResult, Errands, TakenErrand } from './errands.ts';
import { type HostSource, hostLease } from './host-lease.ts';
import type { Presence } from './presence.ts';
import { type HubQueueSeen, queueTrouble } from './queue-trouble.ts';
import type { Reach } from './reach.ts';
import type { WorkerGrant } from './tokens.ts';

export interface DeskOptions {
  executors: ExecutorAccess;
  hosts: HostSource;
  presence: Presence;
  leases: CallLeases;
  errands: Errands;
  /** Labels that a worker needs to reach a host. */
  reach: Pick<Reach, 'labelsOf'>;
  version: string;
  /** How the hub finds the queue. */
  queue(): HubQueueSeen;
  settings(lanes: readonly string[]): WorkerSettings;
  now?: () => number;
}

type Body<N extends RequestName> = z.output<(typeof REQUESTS)[N]>;

/** What workers ask of the hub. Every answer depends on the grant of the token, and on the fence where there is a run. */
export type Desk = {
  [N in RequestName]: (body: Body<N>, grant: WorkerGrant, signal: AbortSignal) => Promise<Answers[N]>;
};

const POLL_MS = 20_000;
const LOOK_MS = 50;

export function workerDesk(options: DeskOptions): Desk {
  const { executors, hosts, presence, leases, errands, reach, version, queue, settings } = options;
  const { now = Date.now } = options;

  /** The target words that these grounds allow. Throws Fenced, DENIED. */
  function wordsOf(grounds: Grounds, grant: WorkerGrant): readonly string[] {
    if ('run' in grounds) {
      const run = executors.held(grounds.run.id, grounds.run.fence);
      if (!grant.lanes.includes(run.lane)) throw notYours(`runs of lane ${run.lane}`);
      return run.aliases;
    }
    if ('call' in grounds) {
      const call = leases.check(grounds.call);
      if (!call || !grant.lanes.includes(call.lane)) throw notYours('the hosts of this call');
      return call.words;
    }
    if ('errand' in grounds) {
      const alias = errands.takenBy(grounds.errand.id, grounds.errand.worker);
      if (alias === undefined) throw notYours('the host of this errand');
      return [alias];
    }
    if (!grant.standing) throw notYours('hosts without a run');
    return ['all'];
  }

  return {
    async hello({ version: theirs, worker, lanes, labels }, grant) {
      refuseOtherVersion(theirs);
      refuseForeign(lanes, labels, grant);
      await presence.seen({ id: worker, token: grant.name, lanes, labels });
      return { version, now: now(), settings: settings(lanes) };
    },
    async claim({ key }, grant) {
      const claimed = await executors.claim(key, (lane) => grant.lanes.includes(lane));
      if (typeof claimed === 'string') return { refused: claimed };
      return { run: claimed, lease: within(await hostLease(hosts, claimed.aliases), grant), now: now() };
    },
    write: ({ runId, fence, ops, durable }, grant) => {
      mayWrite(runId, fence, grant);
      return executors.write(runId, fence, ops as LedgerOp[], { durable });
    },
    async output({ runId, fence, stream, offset, data, end }, grant) {
      mayWrite(runId, fence, grant);
      return executors.output(runId, fence, { stream, offset, data: Buffer.from(data, 'base64'), end });
    },
    lease: async ({ grounds }, grant) =>
      within(await hostLease(hosts, allowed(wordsOf(grounds, grant), grounds)), grant),
    async pin({ grounds, alias, pin, revision }, grant) {
      const { records } = within(await hostLease(hosts, allowed(wordsOf(grounds, grant), grounds)), grant);
      if (!records.some((record) => record.alias === alias)) throw notYours(`the host ${alias}`);
      await hosts.pinHostKey(alias, pin, revision);
      return {};
    },
    async poll({ version: theirs, worker, lanes, labels, queue: seen }, grant, signal) {
      refuseOtherVersion(theirs);
      refuseForeign(lanes, labels, grant);
      const trouble = seen && queueTrouble(seen, queue());
      await presence.seen({
        id: worker,
        token: grant.name,
        lanes,
        labels,
        ...(trouble !== undefined && { queueTrouble: trouble }),
      });
      const until = performance.now() + POLL_MS;
      while (performance.now() < until && !signal.aborted) {
        const taken = labels.length > 0 ? await errands.take(worker, labels) : [];
        if (taken.length > 0) return { errands: await Promise.all(taken.map(withLease)) };
        await pause(labels.length > 0 ? LOOK_MS : POLL_MS, signal);
      }
      // It hung up, or the line is cut: then it is back within seconds.
      if (signal.aborted) await presence.left(worker).catch(() => undefined);
      return { errands: [] };
    },
    async done({ worker, id, result }) {
      await errands.finish(id, worker, result as ErrandResult);
      return {};
    },
  };

  /** Without the hosts that only workers with other labels reach. */
  function within(lease: HostLease, grant: WorkerGrant): HostLease {
    const foreign = ({ alias }: { alias: string }): boolean =>
      reach.labelsOf(alias).some((label) => !grant.labels.includes(label));
    const records = lease.records.filter((record) => !foreign(record));
    for (const { alias } of lease.records.filter(foreign))
      lease.failures[alias] = failureOf(notYours(`the host ${alias}, which others reach`));
    return { ...lease, records };
  }

  async function withLease(taken: TakenErrand) {
    return { ...taken, lease: await hostLease(hosts, [taken.alias]) };
  }

  function refuseOtherVersion(theirs: string): void {
    if (majorMinor(theirs) === majorMinor(version)) return;
    throw new FlotillaError('CONFLICT', `The hub is Flotilla ${version}, this worker ${theirs}.`, {
      details: { hub: version, worker: theirs },
      hint: 'Run the same version on both: the first two numbers have to agree.',
    });
  }

  function mayWrite(runId: string, fence: number, grant: WorkerGrant): void {
    wordsOf({ run: { id: runId, fence } }, grant);
  }

  /** A standing lease of an empty inventory is no failure. */
  function allowed(words: readonly string[], grounds: Grounds): readonly string[] {
    if (!('standing' in grounds)) return words;
    let all: HostView[] = [];
    try {
      all = hosts.resolve('all');
    } catch {
      return [];
    }
    return all.length > 0 ? words : [];
  }
}

const majorMinor = (version: string): string => version.split('.').slice(0, 2).join('.');

const notYours = (what: string): FlotillaError =>
  new FlotillaError('DENIED', `This worker may not have ${what}.`);

function refuseForeign(lanes: readonly string[], labels: readonly string[], grant: WorkerGrant): void {
  const lane = lanes.find((one) => !grant.lanes.includes(one));
  const label = labels.find((one) => !grant.labels.includes(one));
  if (lane === undefined && label === undefined) return;
  const what = lane === undefined ? `label ${label}` : `lane ${lane}`;
  throw new FlotillaError('DENIED', `The token ${grant.name} is not for ${what}.`, {
    details: { lanes: grant.lanes, labels: grant.labels },
    hint: 'A person makes one: flotilla worker token add NAME --lanes LANES',
  });
}
