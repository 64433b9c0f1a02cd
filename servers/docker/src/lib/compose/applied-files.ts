import { defineService, type SchemaPart } from '@flotilla/core';

/** The compose files that were last applied: they may hold passwords, so only their sealed text is stored. */
export const dockerSchema: SchemaPart = {
  name: 'docker',
  migrations: [
    `CREATE TABLE docker_applied_file (
  host TEXT NOT NULL,
  path TEXT NOT NULL,
  -- sealed
  content TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  PRIMARY KEY (host, path)
) STRICT, WITHOUT ROWID;`,
  ],
};

export interface ComposeFileText {
  path: string;
  text: string;
}

export interface AppliedFile extends ComposeFileText {
  /** Epoch ms. */
  appliedAt: number;
}

export interface AppliedFiles {
  save(host: string, files: readonly ComposeFileText[]): Promise<void>;
  get(host: string, path: string): AppliedFile | undefined;
}

export const appliedFiles = defineService({
  name: 'applied-files',
  open: ({ state, cipher }): AppliedFiles => ({
    save: (host, files) =>
      state.write((sql) => {
        for (const { path, text } of files)
          sql.run(
            `INSERT INTO docker_applied_file (host, path, content, applied_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (host, path) DO UPDATE SET content = excluded.content, applied_at = excluded.applied_at`,
            [host, path, cipher.seal(text), Date.now()],
          );
      }),
    get: (host, path) => {
      const row = state.read((sql) =>
        sql.get<{ content: string; applied_at: number }>(
          'SELECT content, applied_at FROM docker_applied_file WHERE host = ? AND path = ?',
          [host, path],
        ),
      );
      return row && { path, text: cipher.open(row.content), appliedAt: row.applied_at };
    },
  }),
});
