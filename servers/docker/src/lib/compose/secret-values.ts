/** Stands for a value that looks like a secret. */
export const HIDDEN = '[hidden]';

const WORD =
  '(?:pass(?:word|wd|phrase)?|secret|token|api_?key|access_?key|private_?key|credential|auth(?!or)|dsn|salt|jwt)';
const SECRET_NAME = new RegExp(WORD, 'i');
const PLAIN_NAME = /^[A-Za-z0-9_.-]+$/;
/** Bounded on both sides, so that no text can make the search slow. */
const NAME = `[A-Za-z0-9_.-]{0,64}${WORD}[A-Za-z0-9_.-]{0,64}`;
/** `NAME=value`, `--name value`, `"name": "value"`, `name: value` inside a longer text. */
const ASSIGNED = new RegExp(
  `((?:^|[\\s"',{[])-{0,2}"?${NAME}"?\\s*(?:=|:\\s)\\s*|--${NAME}\\s+)("[^"\\n]*"|'[^'\\n]*'|[^\\s"',]+)`,
  'gi',
);
const URL_LOGIN = /\b([a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@"']{0,100}):[^\s/@"']{1,300}@/gi;

/** A name of a variable or key whose value is not shown, except where it says that the value is a path (`…_FILE`). */
export const isSecretName = (name: string): boolean =>
  PLAIN_NAME.test(name) && SECRET_NAME.test(name) && !/(?:_FILE|_PATH|_DIR|_URL_PATH)$/i.test(name);

/** Text with values that look like secrets replaced. */
export function hideInText(text: string): string {
  return text
    .replace(URL_LOGIN, (_, head: string) => `${head}:${HIDDEN}@`)
    .replace(ASSIGNED, (all: string, head: string) => {
      const name = head
        .replace(/^[\s"',{[]+/, '')
        .replace(/[\s"=:]+$/, '')
        .replace(/^-+"?/, '');
      return isSecretName(name) ? head + HIDDEN : all;
    });
}

/** A copy of a JSON value: under secret names every scalar is hidden, strings elsewhere are searched. */
export function hideInValue(value: unknown, depth = 0): unknown {
  if (depth > 60) return HIDDEN;
  if (typeof value === 'string') return hideInText(value);
  if (Array.isArray(value)) return value.map((item) => hideInValue(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      isSecretName(key) && member !== null && typeof member !== 'object'
        ? HIDDEN
        : hideInValue(member, depth + 1),
    ]),
  );
}
