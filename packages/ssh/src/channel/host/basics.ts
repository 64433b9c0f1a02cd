import { shellText } from './shell-text.ts';

/** Pauses and clocks; also for scripts that run without a channel. `f_bash` is set under bash >= 5. */
export const PAUSE_FUNCTIONS = shellText(`
# $1 seconds. bash needs no process for it: it reads from a pipe of its own to which nobody writes.
f_pause() {
  if [ "$f_bash" ]; then
    [ "$f_silent_pipe" ] || { f_silent_pipe=1; eval 'exec 9<> <(:)'; }
    read -r -t "$1" -u 9 f_line
    [ $? -gt 128 ] && return
  fi
  sleep "$1" || sleep 1
}
# Hundredths of a second since the host started.
f_read_uptime() { read -r f_uptime f_line </proc/uptime; f_uptime=@{f_uptime%.*}@{f_uptime#*.}; }
`);

/** Processes, clocks, files: what all other functions of a channel use. */
export const BASIC_FUNCTIONS = shellText(String.raw`
f_say() { printf '%s %s\n' "$f_mark" "$*"; }
# State and start time of process $1; fails when there is none.
f_read_process() {
  f_process_state= f_process_start=
  IFS= read -r f_line <"/proc/$1/stat" || return 1
  f_line=@{f_line##*) }
  set -- $f_line
  f_process_state=$1
  f_process_start=@{20}
}
# Process $1 is the one that started at $2, and it is no zombie.
f_is_alive() { f_read_process "$1" && [ "$f_process_start" = "$2" ] && [ "$f_process_state" != Z ]; }
# The state file of run $f_run, line by line.
f_read_state() {
  f_supervisor= f_supervisor_start= f_boot= f_started= f_limit= f_command_pid= f_end=
  f_terminal_pid= f_terminal_name=
  while read -r f_line f_1 f_2 f_3 f_4 f_5 f_6; do
    case $f_line in
      t) f_terminal_pid=$f_1 f_terminal_name=$f_2;;
      v1) f_supervisor=$f_1 f_supervisor_start=$f_2 f_boot=$f_3 f_started=$f_4 f_limit=$f_5;;
      c) f_command_pid=$f_1;;
      end|x) f_end=$f_line;;
    esac
  done <"$f_run.s"
}
f_name_run() { f_id=$1 f_run=$f_runs/$1; }
`);
