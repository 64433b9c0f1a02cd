import { isAbsolute, join } from 'node:path';

export interface TokenValues {
  homedir: string;
  localUser: string;
  /** Name as typed, and as HostName made it. */
  original: string;
  hostname: string;
  user: string;
  port: number;
}

/** An IdentityFile or IdentityAgent as an absolute path; undefined when it has a token that is not known here. */
export function expandPath(path: string, values: TokenValues): string | undefined {
  const tokens: Record<string, string> = {
    '%': '%',
    d: values.homedir,
    h: values.hostname,
    n: values.original,
    p: String(values.port),
    r: values.user,
    u: values.localUser,
  };
  let known = !/\$\{/.test(path);
  const expanded = path.replace(/%(.?)/g, (_, letter: string) => {
    if (!(letter in tokens)) known = false;
    return tokens[letter] ?? '';
  });
  if (!known) return undefined;
  const absolute = expanded.replace(/^~(?=\/)/, values.homedir);
  if (absolute.startsWith('~')) return undefined;
  return isAbsolute(absolute) ? absolute : join(values.homedir, absolute);
}
