import { matchesList } from './patterns.ts';

/** What `Match` can ask about: the connection as far as the lines before have determined it. */
export interface MatchFacts {
  /** The name as typed. */
  original: string;
  /** HostName so far, else the name as typed. */
  host: string;
  user: string;
  localUser: string;
}

export interface MatchResult {
  matches: boolean;
  /** A criterion that is not evaluated; the section is then left out. */
  skipped?: string;
}

/** Evaluates a `Match` line; `exec` is never run, `canonical`, `final` and what newer versions know is left out. */
export function matchLine(args: readonly string[], facts: MatchFacts): MatchResult {
  const words = args.flatMap((word) => splitAssignment(word));
  let matches = true;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const negated = word.startsWith('!');
    const criterion = word.replace(/^!/, '').toLowerCase();
    if (criterion === 'all') {
      matches &&= !negated;
      continue;
    }
    const value = {
      host: facts.host,
      originalhost: facts.original,
      user: facts.user,
      localuser: facts.localUser,
    }[criterion];
    if (value === undefined) return { matches: false, skipped: criterion };
    const list = words.shift() ?? '';
    const lowered = criterion === 'host' || criterion === 'originalhost';
    const fits = lowered ? matchesList(value.toLowerCase(), list.toLowerCase()) : matchesList(value, list);
    matches &&= fits !== negated;
  }
  return { matches };
}

const splitAssignment = (word: string): string[] => {
  const at = /^!?[a-z]+=/i.exec(word)?.[0].length;
  return at === undefined ? [word] : [word.slice(0, at - 1), word.slice(at)];
};
