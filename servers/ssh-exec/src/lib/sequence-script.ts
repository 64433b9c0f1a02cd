/** One command of a sequence. */
export interface SequenceCommand {
  command: string;
  /** 0 = no limit of its own. */
  timeoutS: number;
  continueOnError: boolean;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * One POSIX shell script that runs the commands in the same shell, so that `cd`, `export` and functions
 * persist, and frames the output of each on both streams with marker lines. A command's own time limit ends
 * what it started and counts as exit code 124; a shell that cannot be freed that way is ended, and with it the
 * sequence. The exit codes of all commands come once more at the very end, where a long output is never cut.
 */
export function sequenceScript(commands: readonly SequenceCommand[], marker: string): string {
  const steps = commands.map((step, index) => {
    const guard = step.timeoutS > 0 ? `_flotilla_guard ${index} ${step.timeoutS}\n` : '';
    const check = step.continueOnError ? '' : '[ "$_flotilla_rc" -eq 0 ] || exit "$_flotilla_rc"\n';
    return `_flotilla_begin ${index}\n${guard}command eval ${quote(step.command)}\n_flotilla_end $?\n${check}`;
  });
  return `${prologue(
    marker,
    commands.some((step) => step.timeoutS > 0),
  )}${steps.join('')}exit "$_flotilla_rc"\n`;
}

const prologue = (marker: string, guarded: boolean): string => `
_flotilla_line() { printf '\\n%s %s\\n' ${quote(marker)} "$1"; }
_flotilla_begin() {
  _flotilla_at=$1
  _flotilla_line "begin $1"; _flotilla_line "begin $1" >&2
}
_flotilla_all=
_flotilla_end() {
  _flotilla_rc=$1 _flotilla_late=
  ${guarded ? '_flotilla_unguard' : ''}
  _flotilla_all=$_flotilla_all$_flotilla_at=$_flotilla_rc$_flotilla_late,
  _flotilla_line "end $_flotilla_at $_flotilla_rc"; _flotilla_line "end $_flotilla_at $_flotilla_rc" >&2
  _flotilla_at=
}
trap '_flotilla_last=$?; [ -z "$_flotilla_at" ] || _flotilla_end "$_flotilla_last"
  _flotilla_line "all $_flotilla_all"; exit "$_flotilla_last"' EXIT
${guarded ? GUARD : ''}`;

/** Ends what the shell started, children before parents, by walking /proc; the guard itself is spared. */
const GUARD = `
_flotilla_guard=
_flotilla_children() {
  for _flotilla_p in /proc/[0-9]*/stat; do
    read -r _flotilla_s < "$_flotilla_p" || continue
    _flotilla_n=\${_flotilla_s%% *}
    set -- "$1" "$2" "$3" \${_flotilla_s##*) }
    [ "$5" = "$1" ] && [ "$_flotilla_n" != "$2" ] && ( _flotilla_children "$_flotilla_n" "$2" "$3" )
  done
  [ "$1" = "$_flotilla_shell" ] || kill -s "$3" "$1"
}
_flotilla_guard() {
  _flotilla_shell=$(exec sh -c 'echo $PPID')
  {
    (
      trap 'kill $_flotilla_sleep; exit 0' TERM
      _flotilla_self=$(exec sh -c 'echo $PPID')
      sleep "$2" & _flotilla_sleep=$!
      wait $_flotilla_sleep
      trap 'kill $_flotilla_sleep; exit 7' TERM
      _flotilla_line "timeout $1" >&3
      for _flotilla_signal in TERM KILL; do
        _flotilla_children "$_flotilla_shell" "$_flotilla_self" $_flotilla_signal
        sleep 2 & _flotilla_sleep=$!
        wait $_flotilla_sleep
      done
      kill -s KILL "$_flotilla_shell"
    ) 3>&1 >/dev/null 2>&1 &
  } 2>/dev/null
  _flotilla_guard=$!
}
_flotilla_unguard() {
  [ -n "$_flotilla_guard" ] || return 0
  kill "$_flotilla_guard" 2>/dev/null
  wait "$_flotilla_guard" 2>/dev/null
  [ $? -ne 7 ] || { _flotilla_rc=124 _flotilla_late=!; }
  _flotilla_guard=
}
`;
