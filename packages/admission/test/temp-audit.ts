import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry, Redactor } from '@flotilla/core';
import { StateStore } from '@flotilla/store';
import { onTestFinished } from 'vitest';
import { type AuditLog, auditPart, createAudit } from '../src/index.ts';

const MASK = '[secret]';
const maskText = (text: string): string => text.replaceAll(/canary-\w+/g, MASK);

/** Masks `canary-…`, as the real one masks vault values. */
export const redactor: Redactor = {
  text: maskText,
  value: (value) => JSON.parse(maskText(JSON.stringify(value))),
  stream: () => ({ push: maskText, end: () => '' }),
};

export const KEY = Buffer.alloc(32, 5);

export interface Opened {
  folder: string;
  store: StateStore;
  audit: AuditLog;
}

export function open(folder?: string, now?: () => number, hmacKey = KEY): Opened {
  const place = folder ?? mkdtempSync(join(tmpdir(), 'flotilla-audit-'));
  if (!folder) onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const store = StateStore.open({ file: join(place, 'state.sqlite'), parts: [auditPart] });
  onTestFinished(() => store.close());
  return { folder: place, store, audit: createAudit({ store, redactor, hmacKey, ...(now && { now }) }) };
}

export const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  principal: 'stdio:1000',
  client: 'claude-code 2',
  tool: 'task_exec',
  effect: 'destroy',
  aliases: ['web1'],
  args: { alias: 'web1', cmd: 'uptime' },
  ...over,
});

/** Begins and ends `count` calls and waits until they are stored. */
export async function fill(audit: AuditLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) audit.begin(entry({ args: { n } })).end({ result: 'ok', durationMs: n });
  await audit.flush();
}
