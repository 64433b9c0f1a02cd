import { shellText } from './shell-text.ts';

/**
 * The watchdog: one process per command that outlived the fast window. Time limit and output cap hold without us. It looks
 * every second, and every 0.1 s while more than 16 MiB came between two looks or less than a second of the limit is left.
 * The limit's clock stands still while a question waits for a person (`.p`), for at most 24 h.
 */
export const WATCHDOG_FUNCTIONS = shellText(String.raw`
# Cuts stream $3 of the run, written through descriptor $1 of its supervisor, when it is over the cap and has grown beyond $2.
f_trim_output() {
  f_size=0
  read -r f_line f_size <"/proc/$f_supervisor/fdinfo/$1"
  [ "$f_size" -gt "$f_cap" ] && [ "$f_size" -gt "$2" ] &&
    dd if=/dev/null of="$f_run.$3" bs=1048576 seek=$((f_cap / 1048576)) count=0 2>/dev/null
}
f_time_out() { f_stop "$1" timeout 50; printf '%s\n' "$f_found" >|"$f_run.u"; }
# One watchdog per run: .w is its lock; that of a dead one is taken over.
f_lock_watchdog() {
  f_read_own_pid
  f_read_process "$f_me"
  if ! (set -C; printf '%s %s\n' "$f_me" "$f_process_start" >"$f_run.w"); then
    read -r f_1 f_2 <"$f_run.w"
    ! f_is_alive "$f_1" "$f_2" || return 1
    f_read_process "$f_me"
    printf '%s %s\n' "$f_me" "$f_process_start" >|"$f_run.w"
  fi
}
# The clock of a run has the same number of decimals now and at its start, or it was another kind of shell. f_ran: how long
# it has run, in hundredths of a second.
f_read_ran() {
  f_read_clock
  f_1=@{f_clock#*.} f_2=@{f_started#*.} f_ran=0
  [ "@{#f_1}" -eq "@{#f_2}" ] || return 0
  [ -z "$f_bash" ] || f_clock=@{f_clock%????} f_started=@{f_started%????}
  f_ran=$((@{f_clock%.*}@{f_clock#*.} - @{f_started%.*}@{f_started#*.}))
}
f_watch() {
  f_name_run "$1"
  f_i=300
  while f_read_state; [ -z "$f_supervisor$f_end" ] && [ $f_i -gt 0 ]; do f_pause 0.1; f_i=$((f_i - 1)); done
  [ -z "$f_end" ] && [ "$f_supervisor" ] || return
  f_lock_watchdog || return
  f_read_ran
  f_read_uptime
  f_counted_from=$((f_uptime - f_ran)) f_asking=0 f_before=$f_uptime
  f_out_seen=0 f_err_seen=0
  while f_is_alive "$f_supervisor" "$f_supervisor_start"; do
    f_read_state
    [ -z "$f_end" ] || return
    f_nap=1
    f_trim_output 5 "$f_out_seen" o; [ "$f_size" -le $((f_out_seen + 16777216)) ] || f_nap=0.1; f_out_seen=$f_size
    f_trim_output 6 "$f_err_seen" e; [ "$f_size" -le $((f_err_seen + 16777216)) ] || f_nap=0.1; f_err_seen=$f_size
    f_read_uptime
    f_passed=$((f_uptime - f_before)) f_before=$f_uptime
    if [ -e "$f_run.p" ]; then
      f_counted_from=$((f_counted_from + f_passed)) f_asking=$((f_asking + f_passed))
      [ $f_asking -lt 8640000 ] || { f_time_out "$1"; return; }
    else f_asking=0; fi
    if [ "$f_limit" -gt 0 ]; then
      f_left=$((f_limit / 10 - (f_before - f_counted_from)))
      if [ $f_left -le 0 ]; then f_time_out "$1"; return
      elif [ $f_left -lt 100 ]; then f_nap=0.1; fi
    fi
    f_pause $f_nap
  done
}
`);
