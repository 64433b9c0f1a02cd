import { quote, quoteAll } from '@flotilla/ssh';

export interface ExecInput {
  container: string;
  cmd: string | readonly string[];
  user?: string | undefined;
  cwd?: string | undefined;
  env?: Readonly<Record<string, string>> | undefined;
  stdin?: string | undefined;
  /** Put into the environment of what runs, so that stopExec finds it. */
  mark?: string | undefined;
}

/** The variable that holds the mark. */
export const EXEC_MARK = 'FLOTILLA_EXEC';

/** The variables that are added. */
export const environmentOf = ({ env = {}, mark }: Pick<ExecInput, 'env' | 'mark'>): string[] => [
  ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ...(mark === undefined ? [] : [`${EXEC_MARK}=${mark}`]),
];

/** A text runs in the container's own sh; words run as they are. */
export const argumentsOf = (cmd: string | readonly string[]): readonly string[] =>
  typeof cmd === 'string' ? ['sh', '-c', cmd] : cmd;

/** `docker exec` as a shell command; `client` is the quoted beginning of it. Root on the host finds it by the host's own mark. */
export function execCommand(client: string, input: ExecInput): string {
  const { container, cmd, user, cwd, stdin } = input;
  return [
    `exec ${client.replace(/^exec /, '')} exec`,
    ...(stdin === undefined ? [] : ['-i']),
    ...(user === undefined ? [] : ['--user', quote(user)]),
    ...(cwd === undefined ? [] : ['--workdir', quote(cwd)]),
    ...environmentOf(input).map((variable) => `--env ${quote(variable)}`),
    '--env "FLOTILLA_RUN=$FLOTILLA_RUN"',
    '--',
    quoteAll([container, ...argumentsOf(cmd)]),
  ].join(' ');
}
