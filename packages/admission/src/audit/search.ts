import type { AuditCall, AuditFound, AuditQuery } from '@flotilla/core';
import type { Sql } from '@flotilla/store';

interface Row {
  seq: number;
  time: number;
  tool: string;
  principal: string;
  aliases: string;
  body: string;
  outcome: string | null;
}

export function searchCalls(sql: Sql, query: AuditQuery): AuditFound {
  const limit = Math.min(Math.max(query.limit ?? 50, 1), 1_000);
  const conditions: [boolean, string][] = [
    [query.since !== undefined, 'time >= @since'],
    [query.until !== undefined, 'time <= @until'],
    [query.principal !== undefined, 'principal = @principal'],
    [query.tool !== undefined, 'lower(tool) GLOB @tool'],
    [
      query.alias !== undefined,
      `(aliases LIKE @alias ESCAPE '\\' OR json_extract(body, '$.args.alias') = @plain)`,
    ],
    [
      Boolean(query.text),
      `(tool LIKE @text ESCAPE '\\' OR aliases LIKE @text ESCAPE '\\' OR body LIKE @text ESCAPE '\\')`,
    ],
  ];
  const where = [
    "kind = 'begin'",
    ...conditions.filter(([given]) => given).map(([, condition]) => condition),
  ];
  const rows = sql.all<Row>(
    `SELECT seq, time, tool, principal, aliases, body,
       (SELECT body FROM audit AS done WHERE done.call = audit.call AND done.kind = 'end') AS outcome
     FROM audit WHERE ${where.join(' AND ')} ORDER BY seq DESC LIMIT @rows`,
    {
      since: query.since ?? null,
      until: query.until ?? null,
      principal: query.principal ?? null,
      tool: query.tool?.toLowerCase().replaceAll('[', '[[]') ?? null,
      alias: `%${likeText(JSON.stringify(query.alias ?? ''))}%`,
      plain: query.alias ?? null,
      text: `%${likeText(JSON.stringify(query.text ?? '').slice(1, -1))}%`,
      rows: limit + 1,
    },
  );
  return { calls: rows.slice(0, limit).map(toCall), more: rows.length > limit };
}

const likeText = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function toCall(row: Row): AuditCall {
  const begun = JSON.parse(row.body) as Pick<AuditCall, 'effect' | 'args' | 'client'>;
  const ended =
    row.outcome === null ? { result: 'open' as const } : (JSON.parse(row.outcome) as Partial<AuditCall>);
  return {
    seq: row.seq,
    time: row.time,
    tool: row.tool,
    principal: row.principal,
    aliases: JSON.parse(row.aliases) as string[],
    ...begun,
    result: 'open',
    ...ended,
  };
}
