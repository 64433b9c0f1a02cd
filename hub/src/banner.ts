import { CLIENTS, type Connection, documentFor, type Places, SERVER_NAME } from './snippets/index.ts';

export interface BannerFacts {
  version: string;
  readyMs: number;
  url: string;
  /** Names of the mounted servers. */
  servers: readonly string[];
  tools: number;
  dataDir: string;
  /** Path of bin/flotilla. */
  program: string;
  stdio: Connection;
  http: Connection;
  places: Places;
}

export interface BannerStyle {
  bold(text: string): string;
  dim(text: string): string;
}

/** The person's home folder as `~`. */
const homely = (path: string, home: string): string =>
  path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;

function snippets(facts: BannerFacts, style: BannerStyle): string[] {
  return CLIENTS.flatMap((client) => {
    const file = homely(client.file(facts.places), facts.places.home);
    const form = (connection: Connection): string =>
      client.command?.(SERVER_NAME, connection) ??
      JSON.stringify(documentFor(client, SERVER_NAME, connection));
    return [
      `${style.bold(client.title)} ${style.dim(client.command ? 'run one of' : file)}`,
      `  stdio  ${form(facts.stdio)}`,
      `  HTTP   ${form(facts.http)}`,
    ];
  });
}

/** What a person needs after the start, on one screen. The snippets hold the token: show it to nobody else. */
export function banner(facts: BannerFacts, style: BannerStyle): string {
  const { home } = facts.places;
  const fact = (name: string, value: string): string => `  ${style.dim(name.padEnd(9))} ${value}`;
  return [
    `${style.bold(`Flotilla ${facts.version}`)}, ready in ${(facts.readyMs / 1000).toFixed(1)} s`,
    '',
    fact('endpoint', facts.url),
    fact('servers', `${facts.servers.length} (${facts.servers.join(', ')}) with ${facts.tools} tools`),
    fact('data', homely(facts.dataDir, home)),
    '',
    `${style.bold('Connect your assistant')}: paste one line, or let ${facts.program} config print --client NAME --install write it`,
    '',
    ...snippets(facts, style),
    '',
    style.bold('Add your first server'),
    `  ${facts.program} host add web1 deploy@203.0.113.7   ${style.dim('asks for what is missing')}`,
    `  ${facts.program} host import                        ${style.dim('from ~/.ssh/config')}`,
    '',
    style.dim('Ctrl-C stops it.'),
  ].join('\n');
}
