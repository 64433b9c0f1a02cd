import { PAUSE_FUNCTIONS } from './basics.ts';
import { shellText } from './shell-text.ts';

/**
 * Finds and ends the processes of a run: what descends from its supervisor, its process group, and whatever carries
 * FLOTILLA_RUN in its environment, also in a new session. What was found once (`f_found`, pid/start time) is remembered: it
 * may lose its parent before it ends. `f_as_root` says whether sudo sends signals without a password; when nothing of what is
 * left can be reached (`f_reaches_some`), nobody waits for it. Also sent to root's shell, without the rest of the library.
 */
export const STOPPING_FUNCTIONS =
  PAUSE_FUNCTIONS +
  shellText(String.raw`
# Into f_found: the processes of run $f_id with supervisor $1 and command $2.
f_find_processes() {
  f_marked=
  for f_line in $(grep -ls "FLOTILLA_RUN=$f_id" /proc/[0-9]*/environ 2>/dev/null); do
    tr '\000' '\n' <"$f_line" 2>/dev/null | grep -qx "FLOTILLA_RUN=$f_id" || continue
    f_line=@{f_line#/proc/}
    f_marked="$f_marked @{f_line%/environ}"
  done
  f_find_family "$1" "$2" "$f_marked"
}
# Supervisor, command, marked processes, the top of a tree: what belongs to them and to f_found, parents before their
# children: a shell whose command is ended first goes on with the next one.
f_find_family() {
  f_found=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v sup="$1" -v cmd="$2" -v marked="$3" -v top="$4" -v keep="$f_found" '
    { pid = $1; sub(/^.*\) /, ""); state[pid] = $1; up[pid] = $2; of[pid] = $3; start[pid] = $20 }
    END {
      if (sup + 0 < 2) sup = ""; if (group + 0 < 2) group = ""; if (top + 0 < 2) top = ""
      n = split(marked, m, " "); for (i = 1; i <= n; i++) if (m[i] > 1 && m[i] in up) hit[m[i]] = 1
      n = split(keep, m, " ")
      for (i = 1; i <= n; i++) { split(m[i], k, "/"); if (k[1] in up && start[k[1]] == k[2]) hit[k[1]] = 1 }
      if (top in up) hit[top] = 1
      if (cmd in up && up[cmd] == sup) { hit[cmd] = 1; group = of[cmd] }
      if (group == of[sup]) group = ""
      do {
        more = 0
        for (p in up) if (!(p in hit) && p != sup && p > 1 &&
          ((up[p] in hit) || (of[p] in hit) || (group != "" && of[p] == group))) { hit[p] = 1; more = 1 }
      } while (more)
      for (p in hit) {
        if (state[p] == "Z" || state[p] == "X") continue
        depth = 0
        for (q = p; q in up && depth < 999; q = up[q]) depth++
        row[depth] = row[depth] p "/" start[p] " "
        if (depth > deepest) deepest = depth
      }
      for (depth = 1; depth <= deepest; depth++) printf "%s", row[depth]
    }')
}
f_signal() {
  for f_line in $f_found; do
    f_line=@{f_line%/*}
    kill -s "$1" "$f_line" 2>/dev/null || ! [ -d "/proc/$f_line" ] || [ "$f_as_root" = no ] && continue
    if sudo -n kill -s "$1" "$f_line" 2>/dev/null </dev/null; then f_as_root=yes
    elif [ -d "/proc/$f_line" ]; then f_as_root=no; fi
  done
}
f_reaches_some() {
  [ "$f_as_root" != yes ] || return 0
  for f_line in $f_found; do kill -0 "@{f_line%/*}" 2>/dev/null && return 0; done
  return 1
}
# Waits $1 tenths of a second at most until nothing is left.
f_wait_gone() {
  f_read_uptime
  f_until=$((f_uptime + $1 * 10))
  while f_find_processes "$2" "$3"; [ "$f_found" ] && f_reaches_some && f_read_uptime && [ "$f_uptime" -lt "$f_until" ]; do
    f_pause 0.1
  done
}
# TERM, $1 tenths of a second, KILL.
f_end_all() {
  f_signal TERM
  f_signal CONT
  f_wait_gone "$1" "$2" "$3"
  f_tries=20
  while [ "$f_found" ] && f_reaches_some && [ $f_tries -gt 0 ]; do
    f_signal KILL
    f_pause 0.1
    f_tries=$((f_tries - 1))
    f_find_processes "$2" "$3"
  done
}
`);

/** Cancels a run. Needs the whole library. */
export const CANCEL_FUNCTIONS = shellText(String.raw`
# Stops run $1 for reason $2 with a grace of $3 tenths of a second; f_said tells how it went. A run that was never started
# gets its lock here, as a tombstone.
f_stop() {
  f_name_run "$1"
  f_tries=0 f_found= f_as_root=
  (set -C; printf 'x cancelled .\n' >"$f_run.s") 2>/dev/null && { f_said=not_started; return; }
  f_read_state
  while [ -z "$f_command_pid$f_end" ] && [ $f_tries -lt 20 ] &&
    { [ -z "$f_supervisor" ] || f_is_alive "$f_supervisor" "$f_supervisor_start"; }; do
    f_pause 0.1
    f_tries=$((f_tries + 1))
    f_read_state
  done
  [ -n "$f_supervisor$f_end" ] || { printf 'x cancelled .\n' >>"$f_run.s"; f_said=not_started; return; }
  f_said=had_ended
  [ "$f_supervisor" ] || f_said=not_started
  [ -z "$f_end" ] && [ "$f_boot" = "$f_boot_id" ] || return
  if f_is_alive "$f_supervisor" "$f_supervisor_start"; then (set -C; printf '%s\n' "$2" >"$f_run.k")
  else f_supervisor= f_command_pid=; fi
  f_find_processes "$f_supervisor" "$f_command_pid"
  f_end_all "$3" "$f_supervisor" "$f_command_pid"
  # Its supervisor writes the end; it is not kept waiting by what cannot be stopped.
  f_tries=20
  while f_read_state; [ -z "$f_end" ] && [ "$f_supervisor" ] && f_is_alive "$f_supervisor" "$f_supervisor_start" &&
    [ -z "$f_found" ] && [ $f_tries -gt 0 ]; do
    f_pause 0.1
    f_tries=$((f_tries - 1))
  done
  f_said=stopped
  [ -z "$f_found" ] || f_said=survivors
}
f_cancel() { { f_stop "$1" "$2" "$3"; f_say cancel "$1" "$f_said" "$f_found"; } </dev/null 3>&- 7>&- & }
# A script that was cut off: process $1 and all below it.
f_kill_script() { f_found= f_as_root=; f_find_family '' '' '' "$1"; f_signal KILL; f_say killed; }
`);
