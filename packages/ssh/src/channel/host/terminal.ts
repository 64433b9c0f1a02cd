import { shellText } from './shell-text.ts';

/**
 * Terminals. `f_ask` tells what a terminal shows and whether something waits for a line there: `reading` = a process
 * sleeps in a read of the terminal, `idle` = all of its foreground sleeps, `busy`. A question is named by the number of bytes
 * shown so far.
 */
export const TERMINAL_FUNCTIONS = shellText(String.raw`
# Into f_shown: how many bytes; fails when the command has ended.
f_read_shown() {
  f_read_state
  f_shown=
  f_is_alive "$f_supervisor" "$f_supervisor_start" && [ -z "$f_end" ] && read -r f_line f_shown <"/proc/$f_supervisor/fdinfo/5"
}
f_ask() {
  f_name_run "$1"
  f_read_shown
  f_echo=-
  case $(stty -a <"$f_terminal_name" 2>/dev/null) in *' -echo '*|*' -echo;'*) f_echo=off;; *' echo '*|*' echo;'*) f_echo=on;; esac
  # The sixth word of what follows the name in stat is the foreground process group.
  f_read_process "$f_terminal_pid"
  set -- $f_line
  f_foreground=$6 f_activity=idle
  for f_line in $(cat /proc/[0-9]*/stat 2>/dev/null |
    awk -v g="$f_foreground" '{ pid = $1; sub(/^.*\) /, ""); if ($3 == g) print pid "/" $1 }'); do
    case @{f_line#*/} in R|D) f_activity=busy;; esac
    f_sleeps_in=
    read -r f_sleeps_in <"/proc/@{f_line%/*}/wchan"
    case $f_sleeps_in in wait_woken|*tty_read*) f_activity=reading; break;; esac
  done
  f_say terminal "$f_id" "@{f_shown:--}" "$f_echo" "$f_activity"
  tail -c 2048 "$f_run.o"
  f_say done "$f_id"
}
# A question waits for a person, or no longer does.
f_mark_waiting() { if [ "$2" ]; then printf '' >|"$f_runs/$1.p"; else rm -f "$f_runs/$1.p"; fi; f_say waiting "$1"; }
# Types $f_feed as the one answer to question $2 of run $1.
f_answer_question() {
  f_name_run "$1"
  f_answer=gone
  if f_read_shown; then
    f_answer=stale
    if [ "$f_shown" = "$2" ] && (set -C; printf '' >"$f_run.a.$2"); then
      f_answer=ok
      rm -f "$f_run.p"
      eval "$f_feed" 1<>"$f_run.i"
    fi
  fi
  f_feed=
  f_say answer "$f_id" "$f_answer"
}
# A terminal that is the connection's own: only its lock and its end are here.
f_lock_bound() {
  f_read_clock
  f_answer=exists
  ! (set -C; printf 'v1 - - %s %s 0 .\nb .\n' "$f_boot_id" "$f_clock" >"$f_runs/$1.s") || f_answer=ok
  f_say bound "$1" "$f_answer"
}
f_end_bound() { printf 'end %s .\n' "$2" >>"$f_runs/$1.s"; f_say bound "$1" ok; }
`);
