import { quote } from '@flotilla/ssh';
import { pathWord, splitPath } from './shell-path.ts';

/** The order in which compose looks for its file, and for the file that overrides it. */
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export const NO_FOLDER = 90;

const row = (name: string): string => `printf '%s\\0%s\\0' "${name}" "$(wc -c < "${name}")"`;
const first = (names: readonly string[]): string =>
  `for f in ${names.join(' ')}; do [ -f "$f" ] && { ${row('$f')}; break; }; done`;

/** Prints NUL-ended words: the folder, COMPOSE_FILE of its .env, then name and size of each file. */
export function locateScript(path: string): string {
  const { folder, name } = splitPath(path);
  const enter = (where: string): string => `CDPATH= cd -- ${where} 2>/dev/null || exit ${NO_FOLDER}`;
  return `if [ -d ${pathWord(path)} ]; then
${enter(pathWord(path))}
set --
else
${enter(pathWord(folder))}
set -- ${quote(name)}
fi
printf '%s\\0' "$PWD"
if [ $# -eq 0 ] && [ -f .env ]; then head -c 65536 .env | sed -n 's/^COMPOSE_FILE=//p' | tail -n 1 | tr -d '\\r\\n'; fi
printf '\\0'
if [ $# -eq 1 ]; then [ -f "$1" ] && ${row('$1')}
else ${first(NAMES)}
${first(OVERRIDES)}
fi
exit 0`;
}

export interface Located {
  folder: string;
  /** In the order in which they apply; relative to the folder or absolute. */
  files: { path: string; bytes: number | undefined }[];
}

/** What locateScript printed; a COMPOSE_FILE of the folder's .env beats the names that compose looks for. */
export function parseLocated(printed: string): Located | undefined {
  const [folder, named = '', ...rest] = printed.split('\0');
  if (!folder?.startsWith('/')) return undefined;
  const own = named.replace(/^(["'])(.*)\1$/, '$2');
  if (own !== '')
    return {
      folder,
      files: own
        .split(':')
        .filter(Boolean)
        .map((path) => ({ path, bytes: undefined })),
    };
  const files: Located['files'] = [];
  for (let at = 0; at + 1 < rest.length && files.length < 20; at += 2)
    files.push({ path: rest[at] ?? '', bytes: Number.parseInt(rest[at + 1] ?? '', 10) || 0 });
  return { folder, files };
}
