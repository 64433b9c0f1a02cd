import { FlotillaError, nearest, type Principal, type StateFile } from '@flotilla/core';
import { Pipeline } from '../definition/schema.ts';

export interface SavedPipeline {
  pipeline: Pipeline;
  version: number;
  /** UTC epoch milliseconds. */
  createdAt: number;
  createdBy: string;
  /** A person saved it at a terminal: it may use secrets and be called from outside. */
  person: boolean;
}

interface Row {
  version: number;
  definition: string;
  created_at: number;
  created_by: string;
  person: number;
}

export interface Definitions {
  /** The newest version, or the given one. NOT_FOUND. */
  get(name: string, version?: number): SavedPipeline;
  /** Newest version of each, by name. */
  list(): SavedPipeline[];
  versions(name: string): Omit<SavedPipeline, 'pipeline'>[];
  /** DENIED for what only a person may save. */
  refuse(pipeline: Pipeline, by: Principal): void;
  /** The same definition again is the same version. DENIED. */
  save(pipeline: Pipeline, by: Principal, now: number): Promise<{ version: number; changed: boolean }>;
  /** All versions; runs keep what they run. NOT_FOUND, DENIED. */
  remove(name: string, by: Principal): Promise<number>;
}

const isPerson = ({ kind }: Principal): boolean => kind === 'cli';

export function definitions(state: StateFile): Definitions {
  const names = (): string[] =>
    state
      .read((sql) => sql.all<{ name: string }>('SELECT DISTINCT name FROM pipeline ORDER BY name'))
      .map(({ name }) => name);
  const find = (name: string, version?: number): Row | undefined =>
    state.read((sql) =>
      version === undefined
        ? sql.get<Row>('SELECT * FROM pipeline WHERE name = ? ORDER BY version DESC LIMIT 1', [name])
        : sql.get<Row>('SELECT * FROM pipeline WHERE name = ? AND version = ?', [name, version]),
    );
  const required = (name: string, version?: number): Row => {
    const row = find(name, version);
    if (row) return row;
    const near = nearest(name, names());
    const which = version === undefined ? '' : ` with version ${version}`;
    throw new FlotillaError(
      'NOT_FOUND',
      `There is no pipeline ${JSON.stringify(name.slice(0, 80))}${which}.`,
      {
        hint:
          near === undefined
            ? 'Save one: flotilla pipeline save FILE'
            : `The nearest is ${near}; see pipeline_list.`,
      },
    );
  };
  const refuse = (pipeline: Pipeline, by: Principal): void =>
    refuseUnlessPerson(pipeline, find(pipeline.name)?.person === 1, by);
  return {
    get: (name, version) => toSaved(required(name, version)),
    list: () => names().map((name) => toSaved(required(name))),
    versions: (name) =>
      state
        .read((sql) => sql.all<Row>('SELECT * FROM pipeline WHERE name = ? ORDER BY version DESC', [name]))
        .map((row) => {
          const { pipeline: _, ...rest } = toSaved(row);
          return rest;
        }),
    refuse,
    async save(pipeline, by, now) {
      refuse(pipeline, by);
      const definition = JSON.stringify(pipeline);
      return state.write((sql) => {
        const last = sql.get<Row>('SELECT * FROM pipeline WHERE name = ? ORDER BY version DESC LIMIT 1', [
          pipeline.name,
        ]);
        if (last?.definition === definition && (last.person === 1 || !isPerson(by)))
          return { version: last.version, changed: false };
        const version = (last?.version ?? 0) + 1;
        const person = isPerson(by) ? 1 : 0;
        sql.run('INSERT INTO pipeline VALUES (?, ?, ?, ?, ?, ?)', [
          pipeline.name,
          version,
          definition,
          now,
          by.id,
          person,
        ]);
        return { version, changed: true };
      });
    },
    async remove(name, by) {
      if (required(name).person === 1 && !isPerson(by)) throw personOnly(name, 'removed', 'remove');
      return state.write((sql) => sql.run('DELETE FROM pipeline WHERE name = ?', [name]).changes);
    },
  };
}

const toSaved = ({ definition, version, created_at, created_by, person }: Row): SavedPipeline => ({
  pipeline: Pipeline.parse(JSON.parse(definition)),
  version,
  createdAt: created_at,
  createdBy: created_by,
  person: person === 1,
});

const personOnly = (name: string, done: string, verb: string): FlotillaError =>
  new FlotillaError('DENIED', `${name} was saved by a person, and can be ${done} by a person only.`, {
    hint: `In a terminal: flotilla pipeline ${verb}`,
  });

/** What an assistant saves must not reach secrets, be started from outside, or replace what a person trusts. */
export function refuseUnlessPerson(pipeline: Pipeline, replacesPersons: boolean, by: Principal): void {
  if (isPerson(by)) return;
  if (replacesPersons) throw personOnly(pipeline.name, 'replaced', 'save FILE');
  const what =
    pipeline.secrets.length > 0 ? 'uses secrets' : pipeline.triggers?.webhook ? 'has a webhook' : '';
  if (what === '') return;
  throw new FlotillaError('DENIED', `A pipeline that ${what} is saved by a person.`, {
    hint: 'In a terminal: flotilla pipeline save FILE, then run it by its name.',
  });
}
