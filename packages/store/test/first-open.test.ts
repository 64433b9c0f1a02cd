import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROCESSES = 4;
const FILES = 60;
const folder = tempDir('flotilla-first-open-');
let children: ChildProcess[];

beforeAll(async () => {
  children = Array.from({ length: PROCESSES }, () =>
    fork(join(import.meta.dirname, 'fixtures', 'open-files.ts'), {
      execArgv: ['--conditions=@flotilla/source', '--disable-warning=ExperimentalWarning'],
    }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
});
afterAll(() => {
  for (const child of children) child.kill();
  folder.remove();
});

test('processes that open a new file at the same moment all get it', async () => {
  for (let n = 0; n < FILES; n++) {
    const file = join(folder.path, `${n}.sqlite`);
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send(file);
    for (const [answer] of await Promise.all(answers)) expect(answer).toBe('ok');
    const db = new Database(file);
    expect(db.prepare('SELECT count(*) FROM word').pluck().get()).toBe(PROCESSES);
    db.close();
  }
}, 60_000);
