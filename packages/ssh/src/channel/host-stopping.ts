/**
 * The part of a channel's functions that ends commands. Which processes belong to a run: what descends from its
 * supervisor, its process group, and whatever carries FLOTILLA_RUN in its environment, also in a new session. What was
 * found once (`f_found`, pid/start time) is remembered: it may lose its parent before it ends. `f_root` says whether sudo
 * sends signals without a password; when nothing of what is left can be reached (`f_can`), nobody waits for it.
 *
 * Watchdog (`.w`): one process per command that outlived the fast window; time limit and output cap hold without us. What
 * it could not stop at the time limit is in `.u`, made when it is done.
 */
export const STOPPING_FUNCTIONS = String.raw`
f_nap() { if [ "$f_b" ]; then [ "$f_q" ] || { f_q=1; eval 'exec 9<> <(:)'; }; read -r -t "$1" -u 9 f_l
[ $? -gt 128 ] && return; fi; sleep "$1" || sleep 1; }
f_pids() { f_marked=
for f_l in $(grep -ls "FLOTILLA_RUN=$f_id" /proc/[0-9]*/environ 2>/dev/null); do
tr '\000' '\n' <"$f_l" 2>/dev/null | grep -qx "FLOTILLA_RUN=$f_id" || continue
f_l=@{f_l#/proc/}; f_marked="$f_marked @{f_l%/environ}"; done
f_family "$1" "$2" "$f_marked"; }
f_family() { f_found=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v sup="$1" -v cmd="$2" -v marked="$3" -v top="$4" -v keep="$f_found" '
{ pid = $1; sub(/^.*\) /, ""); state[pid] = $1; up[pid] = $2; of[pid] = $3; start[pid] = $20 }
END { if (sup + 0 < 2) sup = ""; if (group + 0 < 2) group = ""; if (top + 0 < 2) top = ""
n = split(marked, m, " "); for (i = 1; i <= n; i++) if (m[i] > 1 && m[i] in up) hit[m[i]] = 1
n = split(keep, m, " "); for (i = 1; i <= n; i++) { split(m[i], k, "/"); if (k[1] in up && start[k[1]] == k[2]) hit[k[1]] = 1 }
if (top in up) hit[top] = 1
if (cmd in up && up[cmd] == sup) { hit[cmd] = 1; group = of[cmd] }
if (group == of[sup]) group = ""
do { more = 0; for (p in up) if (!(p in hit) && p != sup && p > 1 &&
((up[p] in hit) || (of[p] in hit) || (group != "" && of[p] == group))) { hit[p] = 1; more = 1 } } while (more)
for (p in hit) if (state[p] != "Z" && state[p] != "X") printf "%s/%s ", p, start[p] }'); }
f_signal() { for f_l in $f_found; do f_l=@{f_l%/*}; kill -s "$1" "$f_l" 2>/dev/null || ! [ -d "/proc/$f_l" ] || [ "$f_root" = no ] && continue
if sudo -n kill -s "$1" "$f_l" 2>/dev/null </dev/null; then f_root=yes; elif [ -d "/proc/$f_l" ]; then f_root=no; fi; done; }
f_can() { [ "$f_root" != yes ] || return 0; for f_l in $f_found; do kill -0 "@{f_l%/*}" 2>/dev/null && return 0; done; return 1; }
f_grace() { f_up; f_till=$((f_z + $1 * 10))
while f_pids "$2" "$3"; [ "$f_found" ] && f_can && f_up && [ "$f_z" -lt "$f_till" ]; do f_nap 0.1; done; }
f_end_all() { f_signal TERM; f_signal CONT; f_grace "$1" "$2" "$3"
f_try=20; while [ "$f_found" ] && f_can && [ $f_try -gt 0 ]; do f_signal KILL; f_nap 0.1; f_try=$((f_try - 1)); f_pids "$2" "$3"; done; }
f_head() { f_sup= f_start= f_boot= f_t0= f_T= f_c= f_end=
f_ti= f_ty=; while read -r f_l f_1 f_2 f_3 f_4 f_5 f_6; do case $f_l in t) f_ti=$f_1 f_ty=$f_2;; v1) f_sup=$f_1 f_start=$f_2 f_boot=$f_3 f_t0=$f_4 f_T=$f_5;; c) f_c=$f_1;; end|x) f_end=$f_l;; esac; done <"$f_p.s"; }
f_stop() { f_id=$1 f_p=$f_R/$1 f_try=0 f_found= f_root=
(set -C; printf 'x cancelled .\n' >"$f_p.s") 2>/dev/null && { f_said=not_started; return; }
f_head; while [ -z "$f_c$f_end" ] && [ $f_try -lt 20 ] && { [ -z "$f_sup" ] || f_alive "$f_sup" "$f_start"; }; do f_nap 0.1; f_try=$((f_try + 1)); f_head; done
[ -n "$f_sup$f_end" ] || { printf 'x cancelled .\n' >>"$f_p.s"; f_said=not_started; return; }
f_said=had_ended; [ "$f_sup" ] || f_said=not_started; [ -z "$f_end" ] && [ "$f_boot" = "$f_B" ] || return
if f_alive "$f_sup" "$f_start"; then (set -C; printf '%s\n' "$2" >"$f_p.k"); else f_sup= f_c=; fi
f_pids "$f_sup" "$f_c"; f_end_all "$3" "$f_sup" "$f_c"
f_try=20; while f_head; [ -z "$f_end" ] && [ "$f_sup" ] && f_alive "$f_sup" "$f_start" && [ -z "$f_found" ] && [ $f_try -gt 0 ]; do f_nap 0.1; f_try=$((f_try - 1)); done
f_said=stopped; [ -z "$f_found" ] || f_said=survivors; }
f_k() { { f_stop "$1" "$2" "$3"; printf '%s K %s %s %s\n' "$f_F" "$1" "$f_said" "$f_found"; } </dev/null 3>&- 7>&- & }
f_kt() { f_found= f_root=; f_family '' '' '' "$1"; f_signal KILL; printf '%s T\n' "$f_F"; }
f_big() { f_z=0; read -r f_l f_z <"/proc/$f_sup/fdinfo/$1"; [ "$f_z" -gt "$f_L" ] && [ "$f_z" -gt "$2" ] &&
dd if=/dev/null of="$f_p.$3" bs=1048576 seek=$((f_L / 1048576)) count=0 2>/dev/null; }
f_late() { f_stop "$1" timeout 50; printf '%s\n' "$f_found" >|"$f_p.u"; }
f_up() { read -r f_z f_l </proc/uptime; f_z=@{f_z%.*}@{f_z#*.}; }
f_dog() { f_id=$1 f_p=$f_R/$1 f_i=300
while f_head; [ -z "$f_sup$f_end" ] && [ $f_i -gt 0 ]; do f_nap 0.1; f_i=$((f_i - 1)); done
[ -z "$f_end" ] && [ "$f_sup" ] || return
f_self; f_st "$f_me"
if ! (set -C; printf '%s %s\n' "$f_me" "$f_pt" >"$f_p.w"); then read -r f_1 f_2 <"$f_p.w"; ! f_alive "$f_1" "$f_2" || return
f_st "$f_me"; printf '%s %s\n' "$f_me" "$f_pt" >|"$f_p.w"; fi
f_now; f_y=@{f_t#*.} f_z=@{f_t0#*.}; [ "@{#f_y}" -eq "@{#f_z}" ]; f_n=$? f_y=0; [ $f_n -ne 0 ] || { [ -z "$f_b" ] || f_t=@{f_t%????} f_t0=@{f_t0%????}; f_y=$((@{f_t%.*}@{f_t#*.} - @{f_t0%.*}@{f_t0#*.})); }
f_up; f_u=$((f_z - f_y)) f_paused=0 f_before=$f_z
f_i=0 f_j=0; while f_alive "$f_sup" "$f_start"; do f_head; [ -z "$f_end" ] || return; f_n=1
f_big 5 "$f_i" o; [ "$f_z" -le $((f_i + 16777216)) ] || f_n=0.1; f_i=$f_z
f_big 6 "$f_j" e; [ "$f_z" -le $((f_j + 16777216)) ] || f_n=0.1; f_j=$f_z
f_up; f_y=$((f_z - f_before)) f_before=$f_z
if [ -e "$f_p.p" ]; then f_u=$((f_u + f_y)) f_paused=$((f_paused + f_y)); [ $f_paused -lt 8640000 ] || { f_late "$1"; return; }
else f_paused=0; fi
if [ "$f_T" -gt 0 ]; then f_y=$((f_T / 10 - (f_before - f_u)))
if [ $f_y -le 0 ]; then f_late "$1"; return
elif [ $f_y -lt 100 ]; then f_n=0.1; fi; fi
f_nap $f_n; done; }
f_forget() { f_a=; for f_id in "$@"; do f_p=$f_R/$f_id; [ -e "$f_p.s" ] || continue
f_head; if [ -z "$f_end" ] && [ "$f_sup" ] && f_alive "$f_sup" "$f_start"; then continue; fi
[ "$f_end" = x ] || printf 'x removed .\n' >>"$f_p.s"; for f_l in o e c k w p i u; do f_a="$f_a $f_id.$f_l"; done; [ -z "$f_ty" ] || f_a="$f_a $f_id.a.*"; done
[ -z "$f_a" ] || (cd "$f_R" && rm -f $f_a); printf '%s F\n' "$f_F"; }
`.replaceAll('@{', '${');
