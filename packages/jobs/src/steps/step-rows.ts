import type { RunState, StepView } from '@flotilla/core';
import type { Sql } from '@flotilla/store';

export type StepKind = StepView['kind'];

export interface StepRow {
  id: number;
  run: string;
  key: string;
  alias: string;
  kind: StepKind;
  state: RunState;
  attempt: number;
  command_id: string | null;
  intent_at: number;
  acked: number;
  outcome: string | null;
  exit_code: number | null;
  signal: string | null;
  question: string | null;
  asked_at: number | null;
  failure: string | null;
  note: string | null;
  ended_at: number | null;
  /**
   * `kept`: files of the command may be on its host. `ended`: its end and output survive a power cut here.
   * `stopping`: it may still run there and is to be stopped.
   */
  remote: 'kept' | 'ended' | 'stopping' | null;
}

/** Sorted here: SQLite prepares a statement with a sorter anew each time, which takes longer than the read. */
const inOrder = (steps: StepRow[]): StepRow[] => steps.sort((a, b) => a.id - b.id);

export const stepsOf = (sql: Sql, run: string): StepRow[] =>
  inOrder(sql.all<StepRow>('SELECT * FROM job_step WHERE run = ?', [run]));

const WITHOUT_OUTCOME = `id, run, key, alias, kind, state, attempt, command_id, intent_at, acked, exit_code, signal,
  question, asked_at, failure, note, ended_at, remote, CASE WHEN outcome IS NOT NULL THEN '{}' END AS outcome`;

/** As `stepsOf`, but an outcome is only told to be there: with many hosts they are megabytes. */
export const stepHeadsOf = (sql: Sql, run: string): StepRow[] =>
  inOrder(sql.all<StepRow>(`SELECT ${WITHOUT_OUTCOME} FROM job_step WHERE run = ?`, [run]));

export const outcomeOf = (sql: Sql, step: Pick<StepRow, 'run' | 'key' | 'alias'>): string | undefined =>
  sql.get<{ outcome: string | null }>(
    'SELECT outcome FROM job_step WHERE run = ? AND key = ? AND alias = ?',
    [step.run, step.key, step.alias],
  )?.outcome ?? undefined;

/** Steps whose command may still run, or of which nobody knows whether it ran. */
export const doubtfulSteps = (sql: Sql, run: string): Pick<StepRow, 'alias' | 'state' | 'remote'>[] =>
  sql.all(
    `SELECT alias, state, remote FROM job_step WHERE run = ? AND (state = 'interrupted' OR remote = 'stopping')`,
    [run],
  );

export type StepIntent = Pick<
  StepRow,
  'key' | 'alias' | 'kind' | 'attempt' | 'command_id' | 'intent_at' | 'remote'
>;

/** Written before the effect; a later attempt takes the row over. */
export function writeIntent(sql: Sql, step: StepIntent & Pick<StepRow, 'run'>): void {
  sql.run(
    `INSERT INTO job_step (run, key, alias, kind, state, attempt, command_id, intent_at, remote)
     VALUES (:run, :key, :alias, :kind, 'running', :attempt, :command_id, :intent_at, :remote)
     ON CONFLICT (run, key, alias) DO UPDATE SET state = 'running', attempt = :attempt, command_id = :command_id,
       intent_at = :intent_at, remote = :remote, acked = 0, outcome = NULL, exit_code = NULL, signal = NULL,
       question = NULL, asked_at = NULL, failure = NULL, note = NULL, ended_at = NULL`,
    { ...step },
  );
}

const COLUMNS = [
  'state',
  'acked',
  'outcome',
  'exit_code',
  'signal',
  'question',
  'asked_at',
  'failure',
  'note',
  'ended_at',
  'remote',
] as const;

export type StepChange = Partial<Pick<StepRow, (typeof COLUMNS)[number]>>;

export function updateStep(sql: Sql, step: Pick<StepRow, 'run' | 'key' | 'alias'>, change: StepChange): void {
  const names = COLUMNS.filter((name) => change[name] !== undefined);
  sql.run(
    `UPDATE job_step SET ${names.map((name) => `${name} = :${name}`).join(', ')}
     WHERE run = :run AND key = :key AND alias = :alias`,
    { run: step.run, key: step.key, alias: step.alias, ...pick(change, names) },
  );
}

function pick(change: StepChange, names: readonly (typeof COLUMNS)[number][]) {
  return Object.fromEntries(names.map((name) => [name, change[name] ?? null]));
}
