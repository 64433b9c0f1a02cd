import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createRedactor, LogRing } from '@flotilla/core';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-core-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function logTo(level: string, ring?: LogRing) {
  const path = join(folder, 'log');
  const fd = openSync(path, 'a');
  const redactor = createRedactor({ values: ['correct horse'] });
  const log = createLogger({ level, fd, redactor, ...(ring && { ring }) });
  return { log, close: () => closeSync(fd), text: () => readFileSync(path, 'utf8') };
}

it('writes JSON lines without secrets, also in errors and child bindings', () => {
  const ring = new LogRing();
  const { log, text, close } = logTo('info', ring);
  log.child({ url: 'https://u:correct%20horse@h' }).error({ err: new Error('correct horse failed') }, 'x');
  log.debug('not at this level');
  close();
  expect(text()).not.toMatch(/correct(%20| )horse/);
  expect(text().trim().split('\n')).toHaveLength(1);
  expect(JSON.stringify(ring.search())).not.toContain('correct horse');
});

it('keeps the newest lines for the tools to search', () => {
  const ring = new LogRing(3);
  const { log, close } = logTo('debug', ring);
  log.info('one');
  log.debug({ alias: 'web1' }, 'two');
  log.warn('three');
  log.error('four');
  close();
  expect(ring.search().map(({ message }) => message)).toEqual(['four', 'three', 'two']);
  expect(ring.search({ level: 'warn' }).map(({ level }) => level)).toEqual(['error', 'warn']);
  expect(ring.search({ search: 'WEB1' })).toMatchObject([{ message: 'two', alias: 'web1', level: 'debug' }]);
  expect(ring.search({ limit: 1 })).toHaveLength(1);
  expect(ring.search()[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

it('drops lines that are too long for the ring', () => {
  const ring = new LogRing();
  ring.push(JSON.stringify({ level: 30, time: 0, msg: 'x'.repeat(20_000) }));
  expect(ring.search()).toEqual([]);
});
