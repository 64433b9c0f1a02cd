import { shellText } from './shell-text.ts';

/** Answers questions about runs, reads their output, and runs plain scripts on the channel itself. */
export const ASKING_FUNCTIONS = shellText(String.raw`
# What the watchdog could not stop and what of it still runs, or that a watchdog is at work.
f_say_unstopped() {
  if [ -e "$f_run.u" ]; then
    f_line=
    read -r f_1 <"$f_run.u"
    f_found=$f_1 f_1=
    for f_2 in $f_found; do f_is_alive "@{f_2%/*}" "@{f_2#*/}" && f_1="$f_1 $f_2"; done
    printf 'u%s .\n' "$f_1"
  elif [ -e "$f_run.w" ]; then
    read -r f_1 f_2 <"$f_run.w"
    if f_is_alive "$f_1" "$f_2"; then printf 'w .\n'; fi
  fi
}
# The state files of runs, then the sizes of the output of those without an end: one ls for all.
f_query() {
  f_unended=
  for f_id in "$@"; do
    f_name_run "$f_id"
    if [ -e "$f_run.s" ]; then
      f_pid= f_start_time= f_ended=
      read -r f_line f_pid f_start_time f_1 <"$f_run.s"
      f_answer=gone
      [ "$f_start_time" ] && f_is_alive "$f_pid" "$f_start_time" && f_answer=alive
      f_say run "$f_id" $f_answer
      while IFS= read -r f_line; do
        printf '%s\n' "$f_line"
        case $f_line in 'end '*) f_ended=1;; esac
      done <"$f_run.s"
      [ ! -e "$f_run.k" ] || f_say_unstopped
      if [ -z "$f_ended" ]; then
        f_unended="$f_unended $f_id.s $f_id.o $f_id.e"
        [ $f_answer = gone ] || [ -e "$f_run.w" ] || f_arm_watchdog "$f_id"
      fi
    else f_say run "$f_id" absent; fi
    f_say done "$f_id"
  done
  [ -z "$f_unended" ] || { f_say run - sizes; (cd "$f_runs" && ls -ln $f_unended); f_say done -; }
  f_say asked
}
# Bytes of one stream: id, o or e, offset, length.
f_read_output() { f_say chunk "$1" "$2" "$3"; tail -c "+$(($3 + 1))" "$f_runs/$1.$2" | head -c "$4"; f_say done "$1"; }
f_script() {
  [ "$f_bash" ] || jobs >/dev/null
  if [ "$f_feed" ]; then eval "$f_feed" 7>&- | f_run_script; else f_run_script </dev/null; fi
  f_status=$?
  f_drop_texts
  f_say status "$f_status"
  f_say status >&3
}
f_run_script() (
  f_read_own_pid
  f_say pid "$f_me"
  trap 'printf "%s exited\n" "$f_mark"' EXIT
  f_restore_environment
  exec 2>&3 3>&- 7>&-
  set -- "$f_command"
  eval "$f_launch"
)
`);
