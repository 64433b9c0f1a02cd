import { resolve } from 'node:path';
import { FlotillaError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../tool/shape.ts';
import { toMounts } from './mounts.ts';
import { absolutePath, checkRoots } from './paths.ts';
import type { ConfigFile } from './schema.ts';
import type { FlotillaConfig } from './types.ts';
import type { readVariables } from './variables.ts';

const DAY_MS = 86_400_000;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

interface Sources {
  file: ConfigFile;
  variables: ReturnType<typeof readVariables>;
  dataDir: string;
  configFile: string;
  homedir: string;
  redis: FlotillaConfig['jobs']['redis'];
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}

function httpOf({ file, variables }: Sources): FlotillaConfig['http'] {
  const token = variables.text('HTTP_TOKEN');
  if (token !== undefined && !/^\S{16,}$/.test(token))
    throw new FlotillaError(
      'INVALID_INPUT',
      'FLOTILLA_HTTP_TOKEN must have 16 characters and more, and no spaces.',
    );
  const named = Object.entries(file.http?.tokens ?? {}).map(([name, value]) => ({ name, token: value }));
  return {
    host: variables.text('HTTP_HOST') ?? file.http?.host ?? '127.0.0.1',
    port: variables.integer('HTTP_PORT', 0, 65_535) ?? file.http?.port ?? 7722,
    ...(token !== undefined && { token }),
    tokens: named,
    allowedHosts: variables.list('HTTP_ALLOWED_HOSTS') ?? file.http?.allowedHosts ?? [],
    allowedOrigins: file.http?.allowedOrigins ?? [],
    sessionIdleMs: file.http?.sessionIdleMs ?? 30 * 60_000,
  };
}

function sshOf({ file, variables }: Sources): FlotillaConfig['ssh'] {
  const max = variables.integer('MAX_CONNECTIONS_PER_SERVER', 1, 100) ?? file.ssh?.maxConnections ?? 5;
  const min = variables.integer('MIN_CONNECTIONS_PER_SERVER', 0, 100) ?? file.ssh?.minConnections ?? 1;
  return {
    maxConnections: max,
    minConnections: Math.min(min, max),
    idleTimeoutMs: variables.milliseconds('IDLE_TIMEOUT') ?? file.ssh?.idleTimeoutMs ?? 300_000,
    keepAliveMs: variables.milliseconds('KEEP_ALIVE_INTERVAL') ?? file.ssh?.keepAliveMs ?? 30_000,
  };
}

function jobsOf({ file: { jobs = {} }, variables, redis }: Sources): FlotillaConfig['jobs'] {
  const maxWaitMs = variables.duration('MAX_WAIT_TIMEOUT') ?? jobs.maxWaitMs ?? 600_000;
  return {
    syncWaitMs: Math.min(variables.duration('SYNC_TIMEOUT') ?? jobs.syncWaitMs ?? 30_000, maxWaitMs),
    commandTimeoutMs: variables.duration('DEFAULT_CMD_TIMEOUT') ?? jobs.commandTimeoutMs ?? 300_000,
    interactiveTimeoutMs:
      variables.duration('INTERACTIVE_CMD_TIMEOUT') ?? jobs.interactiveTimeoutMs ?? 120_000,
    maxWaitMs,
    maxOpenRuns: variables.integer('MAX_QUEUE_SIZE', 0, 10_000_000) ?? jobs.maxOpenRuns ?? 1_000,
    ...(redis && { redis }),
  };
}

const LABEL = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const MOST_LABELS = 4;

function workersOf({ file: { workers = {} }, variables, homedir }: Sources): FlotillaConfig['workers'] {
  const path = (text: string | undefined, what: string) => text && absolutePath(text, homedir, what);
  const tokensDir = path(variables.text('WORKER_TOKENS_DIR') ?? workers.tokensDir, 'workers.tokensDir');
  const tokenFile = path(variables.text('WORKER_TOKEN_FILE') ?? workers.tokenFile, 'workers.tokenFile');
  const hubUrl = variables.text('HUB_URL') ?? workers.hubUrl;
  const token = variables.text('WORKER_TOKEN');
  const labels = variables.list('WORKER_LABELS') ?? workers.labels ?? [];
  if (hubUrl !== undefined && !/^https?:\/\/[^/]/.test(hubUrl))
    throw new FlotillaError('INVALID_INPUT', 'FLOTILLA_HUB_URL must be an http or https address.');
  if (labels.length > MOST_LABELS || labels.some((label) => !LABEL.test(label)))
    throw new FlotillaError(
      'INVALID_INPUT',
      `FLOTILLA_WORKER_LABELS may name ${MOST_LABELS} labels of lower-case letters, digits, _ and -.`,
    );
  return {
    ...(tokensDir && { tokensDir }),
    ...(hubUrl !== undefined && { hubUrl }),
    ...(token !== undefined && { token }),
    ...(tokenFile && { tokenFile }),
    labels,
    drainMs: variables.milliseconds('DRAIN_MS') ?? workers.drainMs ?? 10_000,
  };
}

function limitsOf({ file: { limits = {} }, variables }: Sources): FlotillaConfig['limits'] {
  return {
    historyMs: variables.milliseconds('HISTORY_RETENTION') ?? limits.historyMs ?? 31 * DAY_MS,
    historyRuns: limits.historyRuns ?? 10_000,
    outputMs: limits.outputMs ?? 7 * DAY_MS,
    outputBytes: limits.outputBytes ?? 1024 ** 3,
    auditMs: limits.auditMs ?? 365 * DAY_MS,
    textBytes: limits.textBytes ?? DEFAULT_LIMITS.textBytes,
    stringBytes: limits.stringBytes ?? DEFAULT_LIMITS.stringBytes,
    answerBytes: limits.answerBytes ?? DEFAULT_LIMITS.answerBytes,
    listItems: limits.listItems ?? DEFAULT_LIMITS.listItems,
    maxBodyBytes: limits.maxBodyBytes ?? 16 * 1024 * 1024,
  };
}

function clientsOf({ clients = {} }: ConfigFile): FlotillaConfig['clients'] {
  return Object.fromEntries(
    Object.entries(clients).map(([name, { allow, deny }]) => [
      name,
      { ...(allow && { allow }), ...(deny && { deny }) },
    ]),
  );
}

/** Variables over the file over the defaults. */
export function mergeConfig(sources: Sources): FlotillaConfig {
  const { file, variables, dataDir, configFile, homedir } = sources;
  const masterKey = variables.text('MASTER_KEY');
  const roots = variables.paths('LOCAL_ROOTS', 'ALLOWED_ROOTS') ?? file.localRoots;
  const localRoots = roots?.map((root) => absolutePath(root, homedir, 'A local root'));
  return freeze({
    dataDir,
    configFile,
    logLevel: variables.oneOf('LOG_LEVEL', LOG_LEVELS) ?? (variables.boolean('DEBUG') ? 'debug' : 'info'),
    compact: variables.boolean('COMPACT') ?? true,
    ...(masterKey !== undefined && { masterKey }),
    mounts: toMounts(file.mcpServers),
    http: httpOf(sources),
    policy: {
      readonly: variables.boolean('READONLY') ?? file.policy?.readonly ?? false,
      denyTools: file.policy?.denyTools ?? [],
      commandDeny: file.policy?.commandDeny ?? [],
    },
    localRoots: checkRoots(localRoots ?? [resolve(dataDir, 'files')], dataDir),
    ssh: sshOf(sources),
    jobs: jobsOf(sources),
    workers: workersOf(sources),
    limits: limitsOf(sources),
    clients: clientsOf(file),
    servers: file.servers ?? {},
  });
}
