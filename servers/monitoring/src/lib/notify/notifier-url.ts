import { FlotillaError } from '@flotilla/core';
import type { Target } from './target.ts';
import { mailTarget } from './url-mail.ts';
import { parts, type UrlParts } from './url-parts.ts';
import { serviceTarget } from './url-services.ts';
import { webTarget } from './url-web.ts';

const FORMS =
  'Known forms: mailto(s)://user:pass@host?to=a@b, slack://T/B/C, discord://ID/TOKEN, tgram://TOKEN/CHAT, ntfy(s)://host/topic, gotify(s)://host/token, ' +
  'json(s)://host/path or http(s)://… (a webhook in the form of Alertmanager), alertmanager(s)://host:9093, healthchecks://UUID.';

const READERS: Readonly<Record<string, (url: UrlParts) => Target | undefined>> = {
  mailto: mailTarget,
  mailtos: mailTarget,
  smtp: mailTarget,
  smtps: mailTarget,
  slack: serviceTarget,
  discord: serviceTarget,
  tgram: serviceTarget,
  telegram: serviceTarget,
  ntfy: webTarget,
  ntfys: webTarget,
  gotify: webTarget,
  gotifys: webTarget,
  json: webTarget,
  jsons: webTarget,
  http: webTarget,
  https: webTarget,
  alertmanager: webTarget,
  alertmanagers: webTarget,
  healthchecks: webTarget,
};

/** Reads the URL of a notifier as apprise and shoutrrr write it. INVALID_INPUT never repeats the URL: it is a secret. */
export function parseNotifierUrl(text: string): Target {
  const url = parts(text);
  const reader = url && Object.hasOwn(READERS, url.scheme) ? READERS[url.scheme] : undefined;
  const target = url && reader?.(url);
  if (target) return target;
  throw new FlotillaError(
    'INVALID_INPUT',
    reader ? `The ${url?.scheme}:// URL is not complete.` : 'This URL is of no known kind of notifier.',
    { hint: FORMS },
  );
}
