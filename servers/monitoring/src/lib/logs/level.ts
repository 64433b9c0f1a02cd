/** From worst to least, with the priorities of syslog (RFC 5424 6.2.1) that they cover. */
export const LEVELS = ['critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

export const rankOf = (level: Level): number => LEVELS.indexOf(level);

/** Highest syslog priority number that still belongs to the level. */
export const syslogPriority = (level: Level): number => [2, 3, 4, 5, 6, 7][rankOf(level)] ?? 7;

export const fromPriority = (priority: number): Level =>
  LEVELS[Math.max(0, Math.min(5, priority - 2))] ?? 'info';

const WORDS: readonly (readonly [Level, RegExp])[] = [
  [
    'critical',
    /\b(?:emerg(?:ency)?|alert|crit(?:ical)?|fatal|panic)\b|out of memory|oom-kill|no space left|segfault|kernel bug|i\/o error/i,
  ],
  ['error', /\b(?:err(?:or)?|errors|exception|traceback|failed|failure|denied|refused)\b/i],
  ['warning', /\b(?:warn(?:ing)?|deprecated|timed? ?out|retry(?:ing)?)\b|\bban\b/i],
  ['notice', /\bnotice\b/i],
  ['debug', /\b(?:debug|trace)\b/i],
];

/** `"level":"warn"`, `level=error`, `[error]`, `<3>`: what a program says itself counts more than words of its message. */
const STATED =
  /(?:"?(?:level|severity|lvl)"?\s*[:=]\s*"?|^\S{0,40}\s*[[<(]|\s\[)(emerg|alert|crit(?:ical)?|fatal|panic|err(?:or)?|warn(?:ing)?|notice|info(?:rmation)?|debug|trace)\b/i;

/** The status of an access log line: `"GET / HTTP/1.1" 502 `, or `"status":502`. */
const STATUS = /(?:HTTP\/[\d.]+" |"status": ?)([1-5]\d\d)\b/;

/** What a line of text says about itself. */
export function levelOf(line: string): Level {
  const head = line.slice(0, 2000);
  const status = STATUS.exec(head)?.[1];
  if (status !== undefined) return status >= '500' ? 'error' : status >= '400' ? 'warning' : 'info';
  const stated = STATED.exec(head)?.[1]?.toLowerCase();
  if (stated !== undefined) {
    if (stated.startsWith('info')) return 'info';
    return WORDS.find(([, words]) => words.test(stated))?.[0] ?? 'info';
  }
  return WORDS.find(([, words]) => words.test(head))?.[0] ?? 'info';
}

/** For grep -E on the host: lets every line through that `levelOf` may call a warning or worse. */
export const WARNING_PATTERN =
  'emerg|alert|crit|fatal|panic|err|warn|fail|denied|refused|memory|oom|segfault|no space|bug|exception|traceback|deprecated|time.?out|retry|ban|HTTP/[0-9.]+" [45]|"status": ?[45]';
