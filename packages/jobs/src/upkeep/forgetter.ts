import type { EngineParts } from '../engine-parts.ts';
import { syncOutput } from '../output/output-folder.ts';

interface Remains {
  id: number;
  run: string;
  alias: string;
  command_id: string;
}

const AFTER_MS = 1_000;
const BATCH = 100;

/** Removes what ended commands left on their hosts, in batches, once their end and output survive a power cut here. */
export class Forgetter {
  readonly #parts: EngineParts;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> = Promise.resolve();
  #runs = new Set<string>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** A run of this process ended. */
  add(runId: string): void {
    this.#runs.add(runId);
    this.#timer ??= setTimeout(() => this.#flushSoon(), AFTER_MS).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#busy;
  }

  /** What other processes left behind: runs that ended at least a minute ago. */
  async sweep(): Promise<void> {
    const before = this.#parts.now() - 60_000;
    const runs = this.#parts.store.read((sql) =>
      sql.all<{ id: string }>(
        `SELECT DISTINCT job_run.id AS id FROM job_step JOIN job_run ON job_run.id = job_step.run
         WHERE remote IN ('kept', 'ended') AND open = 0 AND job_run.state <> 'interrupted' AND job_run.ended_at < ? LIMIT ?`,
        [before, BATCH],
      ),
    );
    await this.forget(runs.map((run) => run.id));
  }

  async forget(runIds: readonly string[]): Promise<void> {
    for (let at = 0; at < runIds.length; at += BATCH) await this.#forgetBatch(runIds.slice(at, at + BATCH));
  }

  #flushSoon(): void {
    this.#timer = undefined;
    const runs = [...this.#runs];
    this.#runs.clear();
    this.#busy = this.forget(runs).catch((error: unknown) => {
      this.#parts.log.debug({ err: error }, 'remote run folders are removed later');
    });
  }

  async #forgetBatch(runIds: readonly string[]): Promise<void> {
    const { store, outputDir, runner, log } = this.#parts;
    const ids = JSON.stringify(runIds);
    const remains = store.read((sql) =>
      sql.all<Remains>(
        `SELECT id, run, alias, command_id FROM job_step
         WHERE run IN (SELECT value FROM json_each(?)) AND remote IN ('kept', 'ended')
           AND state <> 'interrupted' AND ended_at IS NOT NULL`,
        [ids],
      ),
    );
    if (remains.length === 0) return;
    for (const runId of new Set(remains.map((one) => one.run))) syncOutput(outputDir, runId);
    await this.#mark(remains, 'ended', true);
    const byAlias = Map.groupBy(remains, (one) => one.alias);
    await Promise.all(
      [...byAlias].map(async ([alias, ofHost]) => {
        try {
          await runner.forget(
            alias,
            ofHost.map((one) => one.command_id),
          );
          await this.#mark(ofHost, null, false);
        } catch (error) {
          log.debug({ err: error, alias }, 'remote run folders are removed later');
        }
      }),
    );
  }

  #mark(steps: readonly Remains[], remote: 'ended' | null, durable: boolean): Promise<unknown> {
    const ids = JSON.stringify(steps.map((step) => step.id));
    return this.#parts.store.write(
      (sql) =>
        sql.run('UPDATE job_step SET remote = ? WHERE id IN (SELECT value FROM json_each(?))', [remote, ids]),
      { durable },
    );
  }
}
