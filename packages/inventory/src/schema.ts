import type { SchemaPart } from '@flotilla/core';

/**
 * Hosts, groups, pinned host keys and the vault. Columns named `sealed_*` hold values of the cipher only.
 * `inventory_counter` gives every change of a record a number that is never given twice, also not to an
 * alias that was removed and added again.
 */
export const inventoryPart: SchemaPart = {
  name: 'inventory',
  migrations: [
    `
    CREATE TABLE inventory_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    INSERT INTO inventory_counter VALUES ('revision', 0), ('secrets', 0);

    CREATE TABLE host (
      alias TEXT PRIMARY KEY,
      host TEXT NOT NULL,
      port INTEGER NOT NULL,
      user TEXT NOT NULL,
      key_path TEXT,
      sealed_passphrase TEXT,
      sealed_password TEXT,
      agent TEXT,
      jump TEXT REFERENCES host (alias),
      sudo TEXT NOT NULL,
      sealed_sudo_password TEXT,
      transport TEXT NOT NULL,
      env TEXT,
      readonly INTEGER NOT NULL DEFAULT 0,
      protected INTEGER NOT NULL DEFAULT 0,
      revision INTEGER NOT NULL,
      added_at INTEGER NOT NULL,
      last_seen INTEGER,
      facts TEXT
    ) STRICT;
    CREATE INDEX host_jump ON host (jump) WHERE jump IS NOT NULL;
    CREATE INDEX host_env ON host (env) WHERE env IS NOT NULL;

    CREATE TABLE host_key (
      alias TEXT NOT NULL REFERENCES host (alias) ON DELETE CASCADE,
      type TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      pinned_at INTEGER NOT NULL,
      PRIMARY KEY (alias, fingerprint)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE host_tag (
      alias TEXT NOT NULL REFERENCES host (alias) ON DELETE CASCADE,
      tag TEXT NOT NULL,
      PRIMARY KEY (alias, tag)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX host_tag_tag ON host_tag (tag);

    CREATE TABLE host_group (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) STRICT;
    CREATE TABLE host_group_member (
      name TEXT NOT NULL REFERENCES host_group (name) ON DELETE CASCADE,
      alias TEXT NOT NULL REFERENCES host (alias) ON DELETE CASCADE,
      PRIMARY KEY (name, alias)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX host_group_member_alias ON host_group_member (alias);

    CREATE TABLE vault_key (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      salt TEXT NOT NULL,
      sealed_check TEXT NOT NULL
    ) STRICT;
    CREATE TABLE vault_secret (
      name TEXT PRIMARY KEY,
      sealed_value TEXT NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT;
    `,
  ],
};
