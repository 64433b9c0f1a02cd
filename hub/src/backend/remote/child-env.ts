type Environment = Readonly<Record<string, string | undefined>>;

/** What a child may inherit: enough to find programs and its user's home, nothing that grants access. */
const INHERITED = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'LANG', 'TZ', 'TMPDIR'];

/** Settings that our own servers read, beside MCP_* and FLOTILLA_*, and the agent that they log in with. */
const OWN = [
  'SSH_AUTH_SOCK',
  'MAX_CONNECTIONS_PER_SERVER',
  'MIN_CONNECTIONS_PER_SERVER',
  'IDLE_TIMEOUT',
  'KEEP_ALIVE_INTERVAL',
  'MAX_QUEUE_SIZE',
  'HISTORY_RETENTION',
  'LOG_LEVEL',
];

function pick(environment: Environment, wanted: (name: string) => boolean): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !value.startsWith('()') && wanted(name)) result[name] = value;
  }
  return result;
}

const harmless = (name: string): boolean => INHERITED.includes(name) || /^LC_[A-Z]+$/.test(name);

/**
 * The whole environment of a third-party child: an allow-listed part of the hub's own, then the variables of its
 * config entry. FLOTILLA_*, SSH_AUTH_SOCK and tokens of the hub never get through by themselves.
 */
export function childEnvironment(
  environment: Environment,
  configured: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return { ...pick(environment, harmless), ...configured };
}

/** The environment of a server of ours: also its settings and the data folder, but not the hub's own front door. */
export function ownChildEnvironment(
  environment: Environment,
  dataDir: string,
  configured: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const setting = (name: string): boolean =>
    OWN.includes(name) || (/^(MCP|FLOTILLA)_/.test(name) && !/^FLOTILLA_(HTTP_|HUB_)/.test(name));
  const inherited = pick(environment, (name) => harmless(name) || setting(name));
  return { ...inherited, FLOTILLA_DATA_DIR: dataDir, ...configured };
}
