import {
  type Cipher,
  FlotillaError,
  listed,
  nearest,
  type SecretRedactor,
  type StateFile,
} from '@flotilla/core';
import { z } from 'zod';
import { parseNotifierUrl } from './notifier-url.ts';
import { shownTarget, type Target, type TargetKind } from './target.ts';

const MAX_NOTIFIERS = 100;

/** How notices of a notifier are put together; the words of Alertmanager's routes. */
export const NotifierSettings = z.object({
  groupBy: z
    .array(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/))
    .max(10)
    .default(['alertname']),
  groupWaitS: z.number().min(0).max(3_600).default(30),
  groupIntervalS: z.number().min(1).max(86_400).default(300),
  repeatIntervalS: z
    .number()
    .min(60)
    .max(30 * 86_400)
    .default(4 * 3_600),
  sendResolved: z.boolean().default(true),
  matchers: z.array(z.string().max(300)).max(20).default([]),
});
export type NotifierSettings = z.infer<typeof NotifierSettings>;

export interface Notifier {
  name: string;
  kind: TargetKind;
  /** Without secrets. */
  shown: string;
  settings: NotifierSettings;
  createdAt: number;
  createdBy: string;
}

export interface NotifierStore {
  list(): Notifier[];
  /** NOT_FOUND with the nearest name. */
  target(name: string): Target;
  get(name: string): Notifier;
  /** ALREADY_EXISTS unless `replace`. */
  add(
    notifier: { name: string; url: string; settings: NotifierSettings; createdBy: string; replace: boolean },
    now: number,
  ): Promise<Notifier>;
  /** With what waits for it. */
  remove(name: string): Promise<void>;
}

interface Row {
  name: string;
  kind: string;
  sealed_url: string;
  settings: string;
  created_at: number;
  created_by: string;
}

/** URLs hold secrets: kept sealed, known to the redactor from the moment they are read, never shown. */
export function notifierStore({
  state,
  cipher,
  redactor,
}: {
  state: StateFile;
  cipher: Cipher;
  redactor: SecretRedactor;
}): NotifierStore {
  const masked = new Set<string>();
  const mask = (target: Target): Target => {
    for (const value of target.secrets) {
      if (value === '' || masked.has(value)) continue;
      masked.add(value);
      redactor.add(value);
    }
    return target;
  };
  const rows = (): Row[] =>
    state.read((sql) => sql.all<Row>('SELECT * FROM monitoring_notifier ORDER BY name'));
  const row = (name: string): Row => {
    const all = rows();
    const found = all.find((one) => one.name === name);
    if (found) return found;
    const names = all.map((one) => one.name);
    throw new FlotillaError('NOT_FOUND', `There is no notifier ${JSON.stringify(name)}.`, {
      details: { name, nearest: nearest(name, names) ?? '' },
      hint: names.length === 0 ? 'notifier_add makes one.' : `Known: ${listed(names)}.`,
    });
  };
  const targetOf = (one: Row): Target => mask(parseNotifierUrl(cipher.open(one.sealed_url)));
  const view = (one: Row): Notifier => {
    const target = targetOf(one);
    return {
      name: one.name,
      kind: target.kind,
      shown: shownTarget(target),
      settings: NotifierSettings.parse(JSON.parse(one.settings)),
      createdAt: one.created_at,
      createdBy: one.created_by,
    };
  };
  return {
    list: () => rows().map(view),
    get: (name) => view(row(name)),
    target: (name) => targetOf(row(name)),
    async add({ name, url, settings, createdBy, replace }, now) {
      const target = mask(parseNotifierUrl(url));
      const known = rows();
      const exists = known.some((one) => one.name === name);
      if (exists && !replace)
        throw new FlotillaError('ALREADY_EXISTS', `There is a notifier ${name} already.`, {
          hint: 'Choose another name, or pass replace: true.',
        });
      if (!exists && known.length >= MAX_NOTIFIERS)
        throw new FlotillaError('INVALID_INPUT', `There are ${MAX_NOTIFIERS} notifiers already.`);
      await state.write((sql) =>
        sql.run('INSERT OR REPLACE INTO monitoring_notifier VALUES (?, ?, ?, ?, ?, ?)', [
          ...[name, target.kind, cipher.seal(url), JSON.stringify(settings), now, createdBy],
        ]),
      );
      return view(row(name));
    },
    async remove(name) {
      row(name);
      await state.write((sql) => {
        sql.run('DELETE FROM monitoring_notifier WHERE name = ?', [name]);
        sql.run('DELETE FROM monitoring_alert_group WHERE receiver = ?', [name]);
        sql.run("DELETE FROM monitoring_outbox WHERE receiver = ? AND state <> 'sent'", [name]);
      });
    },
  };
}
