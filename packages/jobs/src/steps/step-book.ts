import { FlotillaError } from '@flotilla/core';
import type { StepKind, StepRow } from './step-rows.ts';

const KEY = /^[a-z0-9_.-]{1,40}$/;

/** The recorded steps of one run, and which of them the handler has asked for in this pass. */
export class StepBook {
  readonly #recorded = new Map<string, StepRow>();
  readonly #taken = new Set<string>();

  constructor(rows: readonly StepRow[]) {
    for (const row of rows) this.#recorded.set(name(row.key, row.alias), row);
  }

  /** The record of a step, if it was begun before. INVALID_INPUT or INTERNAL when the handler breaks the rules of keys. */
  take(key: string, alias: string, kind: StepKind): StepRow | undefined {
    if (!KEY.test(key)) {
      throw new FlotillaError('INTERNAL', `A step key must match ${KEY.source}: ${JSON.stringify(key)}`);
    }
    const id = name(key, alias);
    if (this.#taken.has(id)) throw new FlotillaError('INTERNAL', `The step key "${key}" was used twice.`);
    this.#taken.add(id);
    const row = this.#recorded.get(id);
    if (row && row.kind !== kind) {
      throw new FlotillaError(
        'INTERNAL',
        `Step "${key}" was a ${row.kind} before the replay and is a ${kind} now.`,
      );
    }
    return row;
  }
}

const name = (key: string, alias: string): string => `${key}\0${alias}`;
