/** What a child may inherit: enough to find programs and its user's home, nothing that grants access. */
const INHERITED = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'LANG', 'TZ', 'TMPDIR'];

/**
 * The whole environment of a stdio child: an allow-listed part of the hub's own, then the variables of its config
 * entry. FLOTILLA_*, SSH_AUTH_SOCK and tokens of the hub's environment never get through by themselves.
 */
export function childEnvironment(
  hubEnvironment: Readonly<Record<string, string | undefined>>,
  configured: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(hubEnvironment)) {
    if (value === undefined || value.startsWith('()')) continue;
    if (INHERITED.includes(name) || /^LC_[A-Z]+$/.test(name)) result[name] = value;
  }
  return { ...result, ...configured };
}
