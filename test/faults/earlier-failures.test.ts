import { mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { useFleet } from '../support/fleet.ts';
import { textOf } from '../support/hub.ts';

const BYTES = 2_200 * 1024 * 1024;
const fleet = useFleet({ env: { MCP_SYNC_TIMEOUT_S: '300' } });
let files: string;
let far: string;

beforeAll(() => {
  files = join(fleet.home.path, '.config', 'flotilla', 'files');
  mkdirSync(files, { recursive: true });
  far = join(fleet.sshd.home, 'huge');
});

/** One transfer of the earlier orchestrator ended at 2 GiB. */
const transfer = async (direction: 'upload' | 'download', local: string): Promise<void> => {
  const answer = await fleet.hub.call('task_transfer', { alias: 'web1', direction, local, remote: far });
  expect(answer.structuredContent, textOf(answer)).toMatchObject({ files: 1, bytes: BYTES, verified: 1 });
};

test('a file of more than 2 GiB goes up and comes down, its checksum compared', async () => {
  const local = join(files, 'huge');
  writeFileSync(local, 'the beginning');
  truncateSync(local, BYTES);
  await transfer('upload', 'huge');
  expect(statSync(far).size).toBe(BYTES);
  rmSync(local);
  await transfer('download', 'back');
  expect(statSync(join(files, 'back')).size).toBe(BYTES);
});
