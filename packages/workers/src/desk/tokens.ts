import { createHash, randomBytes } from 'node:crypto';
import { FlotillaError, type StateFile } from '@flotilla/core';

/** What a worker that shows a token may have. */
export interface WorkerGrant {
  /** Name of the token. */
  name: string;
  lanes: readonly string[];
  labels: readonly string[];
  /** May have hosts outside of runs and calls, e.g. to sample them. */
  standing: boolean;
}

export interface WorkerToken extends WorkerGrant {
  /** UTC epoch milliseconds; absent for a token of the tokens folder. */
  createdAt?: number;
}

interface Row {
  name: string;
  lanes: string;
  labels: string;
  standing: number;
  created_at: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const toToken = ({ name, lanes, labels, standing, created_at }: Row): WorkerToken => ({
  name,
  lanes: JSON.parse(lanes) as string[],
  labels: JSON.parse(labels) as string[],
  standing: standing === 1,
  createdAt: created_at,
});

/** Tokens of workers, stored hashed. A revoked one is refused at the very next request. */
export interface WorkerTokens {
  /** ALREADY_EXISTS. The token is told here and never again. */
  add(grant: WorkerGrant): Promise<string>;
  list(): WorkerToken[];
  /** NOT_FOUND. */
  revoke(name: string): Promise<void>;
  find(token: string): WorkerGrant | undefined;
}

/** `fixed`: tokens that are known otherwise than from the state file, by their value. */
export function workerTokens(
  store: StateFile,
  fixed: ReadonlyMap<string, WorkerGrant> = new Map(),
  now: () => number = Date.now,
): WorkerTokens {
  const byHash = new Map([...fixed].map(([token, grant]) => [hashOf(token), grant]));
  return {
    async add({ name, lanes, labels, standing }) {
      if (!NAME.test(name))
        throw new FlotillaError('INVALID_INPUT', `${JSON.stringify(name)} is no name for a token.`, {
          hint: 'Letters, digits, dot, dash and underscore, at most 63.',
        });
      const token = `fw_${randomBytes(32).toString('base64url')}`;
      const row = [
        name,
        hashOf(token),
        JSON.stringify(lanes),
        JSON.stringify(labels),
        Number(standing),
        now(),
      ] as const;
      const { changes } = await store.write((sql) =>
        sql.run(
          'INSERT INTO worker_token (name, hash, lanes, labels, standing, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
          row,
        ),
      );
      if (changes === 1) return token;
      throw new FlotillaError('ALREADY_EXISTS', `There is a worker token named ${name}.`, {
        hint: `Choose another name, or end that one first: flotilla worker token revoke ${name}`,
      });
    },
    list: () => [
      ...fixed.values(),
      ...store.read((sql) => sql.all<Row>('SELECT * FROM worker_token ORDER BY name')).map(toToken),
    ],
    async revoke(name) {
      const { changes } = await store.write((sql) =>
        sql.run('DELETE FROM worker_token WHERE name = ?', [name]),
      );
      if (changes === 0)
        throw new FlotillaError('NOT_FOUND', `There is no worker token named ${name}.`, {
          hint: 'See flotilla worker token list; one of the tokens folder ends with its file and a restart of the hub.',
        });
    },
    find(token) {
      const hash = hashOf(token);
      const known = byHash.get(hash);
      if (known) return known;
      const row = store.read((sql) => sql.get<Row>('SELECT * FROM worker_token WHERE hash = ?', [hash]));
      return row && toToken(row);
    },
  };
}
