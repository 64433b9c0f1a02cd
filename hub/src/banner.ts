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

/** Clients that take the very same text share a line. */
function forms(how: Connection): { titles: string; text: string }[] {
  const byText = new Map<string, string[]>();
  for (const client of CLIENTS) {
    const text = client.command?.(SERVER_NAME, how) ?? JSON.stringify(documentFor(client, SERVER_NAME, how));
    byText.set(text, [...(byText.get(text) ?? []), client.title]);
  }
  return [...byText].map(([text, titles]) => ({ titles: titles.join(', '), text }));
}

function snippets(facts: BannerFacts, style: BannerStyle): string[] {
  const section = (title: string, how: Connection): string[] => [
    style.bold(title),
    ...forms(how).map(({ titles, text }) => `  ${style.dim(`${titles}:`)} ${text}`),
  ];
  const { home } = facts.places;
  const files = CLIENTS.filter(({ command }) => !command).map(
    (client) => `${client.title} ${homely(client.file(facts.places), home)}`,
  );
  return [
    ...section('Connect your assistant over stdio: it starts Flotilla itself', facts.stdio),
    ...section('Or over HTTP, to this running one', facts.http),
    style.dim(`  JSON belongs into: ${files.join(', ')}`),
    `  Or let it be written: ${facts.program} config print --client NAME --install`,
  ];
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
    ...snippets(facts, style),
    '',
    style.bold('Add your first server'),
    `  ${facts.program} host add web1 deploy@203.0.113.7   ${style.dim('asks for what is missing')}`,
    `  ${facts.program} host import                        ${style.dim('from ~/.ssh/config')}`,
    '',
    style.dim('Ctrl-C stops it.'),
  ].join('\n');
}
