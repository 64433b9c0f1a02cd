import type { ERROR_TABLE } from '@flotilla/core';
import { expect, test } from 'vitest';
import { dockerProblems } from '../../src/tools/docker-problems.ts';
import { networkList } from '../../src/tools/network-list.ts';

const failed = (alias: string, code: keyof typeof ERROR_TABLE) => ({
  alias,
  state: 'failed',
  error: { code, message: `${alias} has none.`, hint: 'Install Docker or Podman there.' },
});
const well = { alias: 'web1', state: 'ok', checked: 3, leftOut: 0, problems: [], networks: [] };
const bare = [failed('db1', 'UNSUPPORTED'), failed('db2', 'UNSUPPORTED')];

test.each([dockerProblems, networkList])(
  '$name: hosts without an engine are no failure beside others',
  (tool) => {
    const said = (rows: object[]): string | undefined => tool.text?.({ rows }, {});
    const rows = [well, ...bare];
    expect(tool.isError?.({ rows })).toBe(false);
    expect(said(rows)).toMatch(/^No engine for this on db1, db2\. Install Docker/m);
    expect(said(rows)).not.toContain('has none');
    expect(said([well, ...bare.slice(1)])).toContain('db2: UNSUPPORTED: db2 has none. Install');
    expect(tool.isError?.({ rows: bare })).toBe(true);
    const gone = failed('web2', 'CONNECTION_FAILED');
    expect(tool.isError?.({ rows: [...rows, gone] })).toBe(true);
    expect(said([...rows, gone])).toContain('web2: CONNECTION_FAILED: web2 has none.');
  },
);

test('of many hosts without an engine not all are named', () => {
  const rows = Array.from({ length: 80 }, (_, at) => failed(`db${at}`, 'UNSUPPORTED'));
  expect(networkList.text?.({ rows: [well, ...rows] }, {})).toContain('db49 and 30 more. Install');
});
