import { FlotillaError, nearest } from '@flotilla/core';
import { quote, quoteAll } from '@flotilla/ssh';
import { type HostContext, PRELUDE, readHost } from '../host/read-host.ts';
import { sectionMarks } from '../host/sections.ts';
import { type Pm2App, parsePm2 } from './pm2-apps.ts';
import { PM2_FUNCTIONS, pm2Script } from './pm2-script.ts';

/** Every PM2 process the login can see. UNSUPPORTED when there is no PM2. */
export async function findApps(context: HostContext, alias: string, wanted?: string): Promise<Pm2App[]> {
  const marks = sectionMarks();
  const result = await readHost(context, alias, `${pm2Script(marks)}\ntrue`, {
    timeoutMs: 40_000,
    maxBytes: 8 * 1024 * 1024,
  });
  const apps = parsePm2(marks.parse(result.stdout)).flatMap((home) => home.apps);
  if (apps.length === 0) {
    throw new FlotillaError('UNSUPPORTED', `${alias} has no PM2 that this login can see.`, {
      details: { alias },
      hint: 'PM2 of another user is seen only by root: register the host with sudo. get_services_status shows what else runs.',
    });
  }
  const chosen = apps.filter(
    (app) => wanted === undefined || app.name === wanted || String(app.id) === wanted,
  );
  if (chosen.length > 0) return chosen;
  const names = [...new Set(apps.map(({ name }) => name))];
  throw new FlotillaError('NOT_FOUND', `PM2 on ${alias} has no such app.`, {
    details: { alias, app: wanted, apps: names.slice(0, 50), nearest: nearest(wanted ?? '', names) },
    hint: 'details.apps names what there is; leave app out for all of them.',
  });
}

export interface Pm2Log {
  app: Pm2App;
  stream: 'out' | 'error';
  path: string;
  text: string;
  /** The file is not there or cannot be read. */
  missing: boolean;
}

const MAX_FILES = 40;

type LogFile = Omit<Pm2Log, 'text' | 'missing'>;

/** The files that the apps log to, each once. */
export function logFiles(apps: readonly Pm2App[], errorsOnly: boolean): LogFile[] {
  const files = new Map<string, LogFile>();
  for (const app of apps) {
    if (!errorsOnly && app.outLog) files.set(app.outLog, { app, stream: 'out', path: app.outLog });
    if (app.errorLog && !files.has(app.errorLog))
      files.set(app.errorLog, { app, stream: 'error', path: app.errorLog });
  }
  return [...files.values()]
    .filter(({ path }) => path.startsWith('/') && !path.includes('\0'))
    .slice(0, MAX_FILES);
}

/** Shell text that prints what is added to the files, each read as its app's owner. */
export function followText(files: readonly LogFile[], lines: number): string {
  const byOwner = Map.groupBy(files, ({ app }) => app.owner);
  const tails = [...byOwner].map(([owner, own]) => {
    const tail = `exec tail -n ${lines} -F -- ${quoteAll(own.map(({ path }) => path))} 2>/dev/null`;
    return `pm2_as ${quote(owner)} ${quote(tail)} &`;
  });
  return `${PRELUDE}\n${PM2_FUNCTIONS}\n${tails.join('\n')}\nwait`;
}

/** The ends of the apps' log files, each read as the app's owner. */
export async function readLogs(
  context: HostContext,
  alias: string,
  wanted: readonly LogFile[],
  lines: number,
): Promise<Pm2Log[]> {
  if (wanted.length === 0) return [];
  const marks = sectionMarks();
  const bytes = Math.floor((4 * 1024 * 1024) / wanted.length);
  const reads = wanted.map(({ app, path }, index) => {
    const read = `f=${quote(path)}; if [ -f "$f" ] && [ -r "$f" ]; then tail -n ${lines} -- "$f" | tail -c ${bytes}; else exit 4; fi`;
    return `${marks.begin('log', String(index))}; pm2_as ${quote(app.owner)} ${quote(read)} || ${marks.begin('missing', String(index))}`;
  });
  const result = await readHost(context, alias, `${PM2_FUNCTIONS}\n${reads.join('\n')}\ntrue`, {
    maxBytes: 6 * 1024 * 1024,
  });
  const sections = marks.parse(result.stdout);
  return wanted.map((file, index) => {
    const of = (name: string) => sections.find((one) => one.name === name && one.label === String(index));
    return { ...file, text: of('log')?.text ?? '', missing: of('missing') !== undefined };
  });
}
