import { shellText } from './shell-text.ts';

/**
 * Starts commands and waits for them. A supervisor is the process that holds a run's lock: under bash one worker takes one
 * command after the other from descriptor 7 of its channel; the worker of a command that outlives the fast window is let go.
 * Otherwise, and for terminals, every command has a subshell. Either may be slow to take its text: nobody is told that a
 * command was started before its lock is there.
 *
 * Under bash a stopped command ends `wait`, so it is waited for again while it lives; `wait -f` would do that by itself,
 * but bash 5.2 can spin in it for ever, writing "No record of process".
 */
export const SUPERVISING_FUNCTIONS = shellText(String.raw`
f_restore_environment() {
  umask "$f_umask"
  case $f_lc_all in x*) LC_ALL=@{f_lc_all#x}; export LC_ALL;; esac
}
# In the process that becomes the command.
f_go() {
  f_restore_environment
  FLOTILLA_RUN=$f_id
  export FLOTILLA_RUN
  set -- "$f_command"
  eval "$f_launch"
}
f_drop_texts() { f_command= f_launch= f_feed= f_password= f_folder=; }
# How far descriptor $1 was written, which is the end of file $2.
f_read_written() { f_size=0; [ ! -s "$f_run.$2" ] || read -r f_line f_size <"/proc/self/fdinfo/$1"; }
# Cuts file $1 of $f_size bytes to the cap; the rest counts as dropped.
f_keep_cap() {
  f_over=$((f_size - f_cap))
  [ "$f_over" -gt 0 ] || return 0
  f_dropped=$((f_dropped + f_over)) f_size=$f_cap
  dd if=/dev/null of="$1" bs=1048576 seek=$((f_cap / 1048576)) count=0 2>/dev/null
}
f_wait_for() {
  if [ "$f_bash" ]; then
    while wait "$1"; f_status=$?; [ "$f_status" -gt 128 ] && f_read_process "$1" 2>/dev/null && [ "$f_process_state" != Z ]; do
      sleep 0.1 || sleep 1
    done
  else
    wait "$1"
    f_status=$?
    [ "$f_status" -le 128 ] || jobs
  fi
}
# Runs the command. Standard output and error are the state file, descriptors 5 and 6 the command's output files.
f_supervise() {
  if [ "$f_bash" ] && [ -z "$f_worker_start" ]; then set -m; fi
  if [ "$f_terminal" ]; then
    mkfifo "$f_run.i"
    f_go 7>&1 <>"$f_run.i" >&5 2>&6 3>&- 5>&- 6>&- &
  elif [ "$f_feed" ]; then eval "$f_feed" | f_go >&5 2>&6 3>&- 5>&- 6>&- &
  else f_go </dev/null >&5 2>&6 3>&- 5>&- 6>&- & fi
  f_command_pid=$!
  f_drop_texts
  printf 'c %s .\n' "$f_command_pid"
  f_wait_for "$f_command_pid"
  f_read_clock
  [ -z "$f_terminal" ] || while read -r f_line f_1 f_2; do [ "$f_line" != p ] || f_status=$f_1; done <"$f_run.s"
  f_dropped=0
  f_read_written 5 o; f_keep_cap "$f_run.o"; f_out_size=$f_size
  f_read_written 6 e; f_keep_cap "$f_run.e"; f_err_size=$f_size
  f_reason=-; [ -e "$f_run.k" ] && read -r f_reason <"$f_run.k"
  f_outcome="$f_status $f_started $f_clock $f_out_size $f_err_size $f_dropped $f_reason"
  printf 'end %s .\n' "$f_outcome" || exit 1
}
f_first_bytes() { [ "$2" -gt 0 ] && head -c "$2" "$1"; }
# Says the end with the output, or only the end when the channel has left the command to itself. The end line is in the
# state file by now: see f_detach, which makes .d first and looks for that line afterwards.
f_report_end() {
  if [ -e "$f_run.d" ]; then f_say ended "$f_id"; return; fi
  f_i=$f_out_size f_j=$f_err_size
  [ "$f_i" -le $f_inline ] || f_i=$f_inline
  [ "$f_j" -le $f_inline ] || f_j=$f_inline
  if [ "$f_bash" ] && [ "$f_i" -le 16384 ] && [ "$f_j" -le 16384 ]; then
    # bash can do it alone, unless there are NUL bytes.
    f_1= f_2=
    [ "$f_i" -eq 0 ] || IFS= read -r -N "$f_i" f_1 <"$f_run.o"
    [ "$f_j" -eq 0 ] || IFS= read -r -N "$f_j" f_2 <"$f_run.e"
    if [ "@{#f_1}" -eq "$f_i" ] && [ "@{#f_2}" -eq "$f_j" ]; then
      f_1="$f_mark result $f_id $f_outcome $f_i $f_j$f_newline$f_1$f_2$f_mark done $f_id$f_newline"
      printf %s "$f_1"
      return
    fi
  fi
  f_say result "$f_id" "$f_outcome" "$f_i" "$f_j"
  f_first_bytes "$f_run.o" "$f_i"
  f_first_bytes "$f_run.e" "$f_j"
  f_say done "$f_id"
}
# The command's folder, entered on trial; an empty one is where the channel is.
f_folder_is_there() {
  [ -n "$f_folder" ] && [ ! -e "$f_run.s" ] || return 0
  CDPATH= cd -- "$f_folder" >/dev/null || return 1
  cd "$f_start_folder" || :
}
# Makes the lock of run $1, with time limit $2 in ms, and runs its command. Whoever does not get the lock does nothing.
f_start() {
  f_name_run "$1"
  if ! f_folder_is_there; then f_say refused "$f_id" cwd; f_drop_texts; return; fi
  if [ "$f_worker_start" ]; then f_process_start=$f_worker_start; else f_read_own_pid; f_read_process "$f_me"; fi
  f_read_clock
  f_started=$f_clock f_step=
  set -C
  {
    f_step=locked
    printf 'v1 %s %s %s %s %s .\n' "$f_me" "$f_process_start" "$f_boot_id" "$f_started" "$2" &&
      { f_step=run; f_supervise; } 5>"$f_run.o" 6>"$f_run.e"
  } >"$f_run.s" 2>&1
  case $f_step in
    run) f_report_end;;
    locked) rm -f "$f_run.s"; f_say refused "$f_id" full; exit;;
    *) if [ -e "$f_run.s" ]; then f_say exists "$f_id"; else f_say refused "$f_id" folder; exit; fi;;
  esac
}
f_start_alone() {
  [ "$f_bash" ] || jobs >/dev/null
  f_start "$1" "$2" </dev/null 3>&- 7>&- &
  f_drop_texts
  f_terminal= f_last_run=$1 f_last_supervisor=$!
}
f_work() {
  f_read_own_pid
  f_read_process "$f_me"
  f_worker_start=$f_process_start
  set -m
  while IFS= read -r -N 9 f_length && IFS= read -r -N "@{f_length#?}" f_message; do eval "$f_message"; f_terminal=; done
}
f_open_worker_pipe() { exec 8<>"$1"; exec 7>/dev/fd/8; }
# The message is a newline, +, the id of the run, a newline, and the text for the worker.
f_give_to_worker() {
  f_message=@{f_message#??}
  f_last_run=@{f_message%%"$f_newline"*}
  f_message=@{f_message#*"$f_newline"}
  f_last_supervisor=$f_worker
  [ "$f_worker" ] && printf '#%08d%s' "@{#f_message}" "$f_message" >&7 && return
  eval 'f_open_worker_pipe <(:)'
  f_work </dev/fd/8 3>&- 7>&- 8>&- &
  exec 8>&-
  f_worker=$! f_last_supervisor=$!
  printf '#%08d%s' "@{#f_message}" "$f_message" >&7
}
# The worker ends after its command; the next command gets a new one.
f_release_worker() { [ -z "$f_worker" ] || exec 7>&-; f_worker=; }
f_supervisor_lives() { f_read_process "$f_last_supervisor" && [ "$f_process_state" != Z ]; }
# Waits until the lock of the last run has its first line, for at most 30 s.
f_await_lock() {
  f_i=300
  until [ -s "$f_runs/$1.s" ]; do
    if [ "$f_i" -gt 0 ] && f_supervisor_lives; then f_i=$((f_i - 1)); sleep 0.1 || sleep 1
    else [ -s "$f_runs/$1.s" ]; return; fi
  done
}
f_has_ended() { f_name_run "$1"; f_read_state; [ "$f_end" ]; }
# The fast window is over: leaves the last run to itself. Its supervisor writes its end and then looks for .d; here .d is
# made and then the end is looked for. So either the supervisor sees .d and says "ended", or the end is seen here: then
# the supervisor, while it lives, is about to say "result" or "ended" by itself, and "ending" asks for patience.
f_detach() {
  f_answer=detached
  if ! f_await_lock "$1"; then f_answer=unstarted
  elif f_supervisor_lives && { f_has_ended "$1" || ! printf '' >|"$f_runs/$1.d" || f_has_ended "$1"; }; then f_answer=ending; fi
  case $f_answer in
    ending) ;;
    unstarted) f_release_worker;;
    detached) f_release_worker; f_arm_watchdog "$1";;
  esac
  f_say "$f_answer" "$1"
  [ $f_answer = ending ] || f_last_run=
}
f_arm_watchdog() { f_watch "$1" </dev/null >/dev/null 2>&1 3>&- 7>&- & }
f_on_exit() { f_release_worker; [ -z "$f_last_run" ] || f_arm_watchdog "$f_last_run"; }
`);
