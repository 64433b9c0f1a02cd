interface KnownPrompt {
  /** Who asks. */
  name: string;
  /** Matches the last, unfinished line. */
  line: RegExp;
  /** Lines before it that make the question another one, which only a person may answer. */
  unless?: RegExp;
  answer: string;
}

/** The only prompts that are answered unasked: package managers that want to go on with what they were told to do. */
const KNOWN_PROMPTS: readonly KnownPrompt[] = [
  {
    name: 'apt',
    line: /^Do you want to continue\? \[Y\/n\]\s*$/,
    unless: /without verification|Yes, do as I say/,
    answer: 'Y',
  },
  {
    name: 'dpkg keeps the configuration file that is there',
    line: /^\*\*\* .{1,400} \(Y\/I\/N\/O\/D\/Z\) \[default=N\] \? *$/,
    answer: 'N',
  },
  { name: 'dnf, yum', line: /^Is this ok \[y\/(?:d\/)?N\]: *$/, unless: /Importing GPG key/, answer: 'y' },
  { name: 'pacman', line: /^:: Proceed with (?:installation|download)\? \[Y\/n\] *$/, answer: 'Y' },
  { name: 'zypper', line: /^Continue\? \[y\/n(?:\/[^\]]{1,60})?\](?: \(\w\))?: *$/, answer: 'y' },
  { name: 'apk', line: /^Do you want to continue \[Y\/n\]\? *$/, answer: 'Y' },
  { name: 'npm', line: /^Ok to proceed\? \(y\) *$/, answer: 'y' },
];

/** A host key is confirmed by a person alone, whatever answers were prepared. */
const HOST_KEY = /continue connecting|\(yes\/no(?:\/\[fingerprint\])?\)/i;
const SECRET = /\b(?:password|passphrase|passcode|pin)\b[^:]{0,200}: *$/i;

/** The lines that a prompt may take up: its last ones. */
const CONTEXT = 12;

export function asksForSecret(line: string): boolean {
  return SECRET.test(line);
}

export function knownAnswer(lines: readonly string[]): string | undefined {
  const last = lines.at(-1) ?? '';
  const before = lines.slice(-CONTEXT, -1).join('\n');
  const known = KNOWN_PROMPTS.find(({ line, unless }) => line.test(last) && !unless?.test(before));
  return known?.answer;
}

/** `responses` of the caller: text that the prompt contains, or `/regex/flags` that it matches. */
export function preparedAnswer(
  lines: readonly string[],
  responses: Readonly<Record<string, string>>,
): string | undefined {
  const last = lines.at(-1) ?? '';
  // A lone `> ` belongs to the question above it.
  const prompt = last.trim().length < 3 ? lines.slice(-2).join('\n') : last;
  if (prompt.trim() === '' || HOST_KEY.test(lines.slice(-4).join('\n'))) return undefined;
  for (const [pattern, answer] of Object.entries(responses)) if (matches(pattern, prompt)) return answer;
  return undefined;
}

function matches(pattern: string, prompt: string): boolean {
  const regex = /^\/(.+)\/([imsu]*)$/s.exec(pattern);
  if (regex === null) return pattern !== '' && prompt.includes(pattern);
  try {
    return new RegExp(regex[1] ?? '', regex[2]).test(prompt);
  } catch {
    return false;
  }
}
