import type { ClaimedRun, ClaimKey, OpBatch, RunLedger } from '@flotilla/jobs';
import type { Request } from '../protocol/messages.ts';
import type { HubClient } from './hub-client.ts';
import type { LeasedHosts } from './leased-hosts.ts';

export const leaseKey = (runId: string, fence: number): string => `${runId}/${fence}`;

/** The ledger at the hub. Writes of one run go one after the other, so that none overtakes an earlier one. */
export class RemoteLedger implements RunLedger {
  readonly #client: HubClient;
  readonly #hosts: LeasedHosts;
  readonly #onCancelled: (runId: string) => void;
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(client: HubClient, hosts: LeasedHosts, onCancelled: (runId: string) => void = () => {}) {
    this.#client = client;
    this.#hosts = hosts;
    this.#onCancelled = onCancelled;
  }

  async claim(
    key: ClaimKey,
    holds: (lane: string, tool: string) => boolean,
  ): Promise<ClaimedRun | 'elsewhere' | 'refused'> {
    const sentAt = Date.now();
    const answer = await this.#client.ask('claim', { key });
    if ('refused' in answer) return answer.refused;
    this.#client.setClock(answer.now, sentAt);
    if (!holds(answer.run.lane, answer.run.tool)) return 'elsewhere';
    const grounds = { run: { id: key.runId, fence: key.fence } };
    this.#hosts.hold(leaseKey(key.runId, key.fence), grounds, answer.lease);
    return answer.run;
  }

  /** Rows are committed by the process that has the state file only. */
  take(): Promise<boolean> {
    return Promise.resolve(false);
  }

  write(runId: string, fence: number, batch: OpBatch, options: { durable: boolean }): Promise<boolean> {
    const before = this.#writing.get(runId);
    const written = (before ?? Promise.resolve()).then(() => this.#write(runId, fence, batch, options));
    const settled = written.catch(() => undefined);
    this.#writing.set(runId, settled);
    void settled.then(() => {
      if (this.#writing.get(runId) === settled) this.#writing.delete(runId);
    });
    return written;
  }

  async #write(
    runId: string,
    fence: number,
    batch: OpBatch,
    { durable }: { durable: boolean },
  ): Promise<boolean> {
    const ops = [...batch.take()] as Request<'write'>['ops'];
    if (ops.length === 0) return false;
    try {
      const { cancelled } = await this.#client.ask('write', { runId, fence, durable, ops });
      if (cancelled) this.#onCancelled(runId);
      return false;
    } catch (error) {
      batch.undone();
      throw error;
    }
  }
}
