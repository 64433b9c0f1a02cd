import { randomUUID } from 'node:crypto';
import { type Cipher, type Failure, FlotillaError, type StateFile } from '@flotilla/core';
import { pause } from '../pause.ts';

/** What the hub wants done on a host that only some workers reach. */
export type Errand =
  | { do: 'status'; id: string }
  | { do: 'cancel'; id: string; options: { graceMs?: number; reason?: 'cancelled' | 'timeout' } }
  | { do: 'answer'; id: string; question: number; text: string }
  | { do: 'forget'; ids: readonly string[] };

export interface TakenErrand {
  id: string;
  alias: string;
  errand: Errand;
}

export type ErrandResult = { value: unknown } | { failure: Failure };

/** Errands of any process of the data folder, carried to workers by the one that serves them. */
export interface Errands {
  /** Resolves with what a worker that has all of the labels answers. SERVER_UNAVAILABLE when none does in time. */
  send(alias: string, labels: readonly string[], errand: Errand): Promise<unknown>;
  /** For a worker that asks; each is taken once. */
  take(worker: string, labels: readonly string[]): Promise<TakenErrand[]>;
  /** Who took it says what came of it. */
  finish(id: string, worker: string, result: ErrandResult): Promise<void>;
  /** The alias of an errand that this worker took. */
  takenBy(id: string, worker: string): string | undefined;
}

const PATIENCE_MS = 20_000;
const LOOK_MS = 40;

interface Row {
  id: string;
  labels: string;
  alias: string;
  body: string;
}

/** An answer to a question may be a secret: errands and their results are stored sealed, and not for long. */
export function errands(store: StateFile, cipher: Cipher, now: () => number = Date.now): Errands {
  const sealed = (value: unknown): string => cipher.seal(JSON.stringify(value));
  return {
    async send(alias, labels, errand) {
      const id = randomUUID();
      await store.write(
        (sql) =>
          sql.run('INSERT INTO worker_request (id, labels, alias, body, created_at) VALUES (?, ?, ?, ?, ?)', [
            id,
            JSON.stringify(labels),
            alias,
            sealed(errand),
            now(),
          ]),
        { durable: false },
      );
      try {
        const result = await answered(id);
        if (result && 'value' in result) return result.value;
        if (!result) throw unanswered(alias, labels);
        const { code, message, details, hint } = result.failure;
        throw new FlotillaError(code, message, { details, hint });
      } finally {
        await store.write((sql) => sql.run('DELETE FROM worker_request WHERE id = ?', [id]), {
          durable: false,
        });
      }
    },
    async take(worker, labels) {
      const fitting = store
        .read((sql) =>
          sql.all<Row>(
            'SELECT id, labels, alias, body FROM worker_request WHERE taken_by IS NULL AND created_at > ? ORDER BY created_at',
            [now() - PATIENCE_MS],
          ),
        )
        .filter((row) => (JSON.parse(row.labels) as string[]).every((label) => labels.includes(label)));
      if (fitting.length === 0) return [];
      const taken = await store.write(
        (sql) =>
          fitting.filter(
            ({ id }) =>
              sql.run('UPDATE worker_request SET taken_by = ? WHERE id = ? AND taken_by IS NULL', [
                worker,
                id,
              ]).changes === 1,
          ),
        { durable: false },
      );
      return taken.map(({ id, alias, body }) => ({
        id,
        alias,
        errand: JSON.parse(cipher.open(body)) as Errand,
      }));
    },
    async finish(id, worker, result) {
      await store.write(
        (sql) =>
          sql.run('UPDATE worker_request SET result = ? WHERE id = ? AND taken_by = ?', [
            sealed(result),
            id,
            worker,
          ]),
        { durable: false },
      );
    },
    takenBy: (id, worker) =>
      store.read((sql) =>
        sql.get<{ alias: string }>(
          'SELECT alias FROM worker_request WHERE id = ? AND taken_by = ? AND result IS NULL',
          [id, worker],
        ),
      )?.alias,
  };

  async function answered(id: string): Promise<ErrandResult | undefined> {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      await pause(LOOK_MS);
      const row = store.read((sql) =>
        sql.get<{ result: string | null }>('SELECT result FROM worker_request WHERE id = ?', [id]),
      );
      if (row?.result) return JSON.parse(cipher.open(row.result)) as ErrandResult;
    }
    return undefined;
  }
}

const unanswered = (alias: string, labels: readonly string[]): FlotillaError =>
  new FlotillaError('CONNECTION_FAILED', `No worker that reaches ${alias} answered.`, {
    details: { alias, labels },
    hint: `It is reached by workers with the labels ${labels.join(', ')} only: flotilla worker list shows who is there.`,
  });
