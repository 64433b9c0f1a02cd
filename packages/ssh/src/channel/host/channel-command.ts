/**
 * What a fast channel runs on the host. The login shell only has to understand `exec` and single quotes
 * (sh, bash, zsh, fish, csh); everything else arrives on standard input.
 *
 * Every message is `#NNNNNNNN`, a newline, NNNNNNNN - 1 bytes of shell text. bash >= 5 reads it in two
 * `read -N` (its parser would read byte by byte); any other sh sees a comment line and then the text. A text that begins
 * with `+` is for the worker, see `f_give_to_worker`.
 */
export const CHANNEL_COMMAND = [
  "exec sh -c 'command -v bash >/dev/null 2>&1 && exec bash --norc --noprofile -c",
  String.raw`"[ \"\@{BASH_VERSINFO:-0}\" -ge 5 ] || exec sh; f_bash=1; f_lc_all=\@{LC_ALL+x\$LC_ALL}; unset LC_ALL; LC_ALL=C;`,
  String.raw`while IFS= read -r -N 9 f_length && IFS= read -r -N \"\@{f_length#?}\" f_message; do`,
  String.raw`case \$f_message in ?+*) f_give_to_worker;; *) eval \"\$f_message\";; esac; done";`,
  "exec sh'",
]
  .join(' ')
  .replaceAll('@{', '${');

/**
 * Frames one message for {@link CHANNEL_COMMAND}. In braces, because an sh runs the last line of its input also when that
 * line was cut: half a message must do nothing. Text for the worker is read whole or not at all.
 */
export function encodeMessage(text: string): Buffer {
  const whole = text.startsWith('+') ? text : `{ ${text}\n}`;
  const body = Buffer.from(`\n${whole}\n`, 'utf8');
  return Buffer.concat([Buffer.from(`#${String(body.length).padStart(8, '0')}`, 'latin1'), body]);
}
