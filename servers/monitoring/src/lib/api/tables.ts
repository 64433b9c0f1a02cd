/** The catalogue of APIs. `sealed` holds the secrets as sealed JSON, bound to alias and url; see secrets.ts. */
export const apiTables = `
CREATE TABLE monitoring_api (
  alias TEXT PRIMARY KEY,
  -- what is no secret, as JSON
  settings TEXT NOT NULL,
  sealed TEXT,
  added_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- the last check, as JSON
  last_check TEXT
) STRICT;
`;
