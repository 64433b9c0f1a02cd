import { FlotillaError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Found {
  name: string;
  value: string;
}

/** Established names without a prefix. All others belong to whatever else runs on this machine, e.g. `DEBUG` and `DATA_DIR`. */
const PLAIN = new Set([
  'MAX_CONNECTIONS_PER_SERVER',
  'MIN_CONNECTIONS_PER_SERVER',
  'IDLE_TIMEOUT',
  'KEEP_ALIVE_INTERVAL',
  'MAX_QUEUE_SIZE',
  'HISTORY_RETENTION',
  'LOG_LEVEL',
]);

/** `FLOTILLA_X` beats `MCP_X` beats an established `X`. Empty values count as absent. */
function find(env: Environment, ...names: readonly string[]): Found | undefined {
  for (const prefix of ['FLOTILLA_', 'MCP_', ''])
    for (const name of names) {
      if (prefix === '' && !PLAIN.has(name)) continue;
      const value = env[`${prefix}${name}`]?.trim();
      if (value !== undefined && value !== '') return { name: `${prefix}${name}`, value };
    }
  return undefined;
}

const wrong = (found: Found, what: string) =>
  new FlotillaError(
    'INVALID_INPUT',
    `The environment variable ${found.name} must be ${what}, not ${JSON.stringify(found.value.slice(0, 80))}.`,
    { details: { variable: found.name }, hint: 'Correct it, or remove it to get the default.' },
  );

function toNumber(found: Found, min: number, max: number): number {
  const value = /^\d+(?:\.\d+)?$/.test(found.value) ? Number(found.value) : Number.NaN;
  if (!(value >= min && value <= max)) throw wrong(found, `a number from ${min} to ${max}`);
  return value;
}

function toInteger(found: Found, min: number, max: number): number {
  const value = toNumber(found, min, max);
  if (!Number.isInteger(value)) throw wrong(found, `a whole number from ${min} to ${max}`);
  return value;
}

const TEN_YEARS_MS = 10 * 365 * 86_400_000;
const BOOLEANS: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** Reads typed values; undefined when the variable is not set, INVALID_INPUT naming it when it is wrong. */
export function readVariables(env: Environment) {
  return {
    text: (...names: readonly string[]) => find(env, ...names)?.value,
    integer(name: string, min: number, max: number): number | undefined {
      const found = find(env, name);
      return found && toInteger(found, min, max);
    },
    boolean(name: string): boolean | undefined {
      const found = find(env, name);
      if (found === undefined) return undefined;
      const value = BOOLEANS[found.value.toLowerCase()];
      if (value === undefined) throw wrong(found, 'true or false');
      return value;
    },
    oneOf(name: string, allowed: readonly string[]): string | undefined {
      const found = find(env, name);
      if (found === undefined) return undefined;
      const value = found.value.toLowerCase();
      if (!allowed.includes(value)) throw wrong(found, `one of ${allowed.join(', ')}`);
      return value;
    },
    /** `NAME_MS` in milliseconds or `NAME_S` in seconds. */
    duration(name: string): number | undefined {
      const found = find(env, `${name}_MS`, `${name}_S`);
      if (found === undefined) return undefined;
      return found.name.endsWith('_MS')
        ? toInteger(found, 0, TEN_YEARS_MS)
        : Math.round(toNumber(found, 0, TEN_YEARS_MS / 1000) * 1000);
    },
    /** A plain name, in milliseconds. */
    milliseconds(name: string): number | undefined {
      const found = find(env, name);
      return found && toInteger(found, 0, TEN_YEARS_MS);
    },
    /** Several words, separated by `,`. */
    list(...names: readonly string[]): string[] | undefined {
      return find(env, ...names)
        ?.value.split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
    },
    /** Several paths, separated by `:` or `,`. */
    paths(...names: readonly string[]): string[] | undefined {
      return find(env, ...names)
        ?.value.split(/[:,]/)
        .map((path) => path.trim())
        .filter((path) => path !== '');
    },
  };
}
