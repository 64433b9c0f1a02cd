import { quote, quoteAll } from '@flotilla/ssh';

export interface ExecInput {
  container: string;
  cmd: string | readonly string[];
  user?: string | undefined;
  cwd?: string | undefined;
  env?: Readonly<Record<string, string>> | undefined;
  stdin?: string | undefined;
}

/** A text runs in the container's own sh; words run as they are. */
export const argumentsOf = (cmd: string | readonly string[]): readonly string[] =>
  typeof cmd === 'string' ? ['sh', '-c', cmd] : cmd;

/** `docker exec` as a shell command; `client` is the quoted beginning of it. */
export function execCommand(client: string, input: ExecInput): string {
  const { container, cmd, user, cwd, env = {}, stdin } = input;
  return [
    `exec ${client.replace(/^exec /, '')} exec`,
    ...(stdin === undefined ? [] : ['-i']),
    ...(user === undefined ? [] : ['--user', quote(user)]),
    ...(cwd === undefined ? [] : ['--workdir', quote(cwd)]),
    ...Object.entries(env).map(([name, value]) => `--env ${quote(`${name}=${value}`)}`),
    '--',
    quoteAll([container, ...argumentsOf(cmd)]),
  ].join(' ');
}
