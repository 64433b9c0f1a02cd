import { quote } from '../quote.ts';
import { STOPPING_FUNCTIONS } from './host-stopping.ts';
import { TERMINAL_FUNCTIONS } from './host-terminal.ts';

/** Bytes of each stream kept on the host; what a command writes beyond is counted and dropped. */
export const OUTPUT_CAP = 64 * 1024 * 1024;
/** Bytes of each stream sent together with the end of a short command; the rest is read by offset. */
export const INLINE_CAP = 256 * 1024;

/**
 * Functions of a fast channel, defined once when it opens. Variables and functions start with `f_`; `f_b` is set
 * under bash >= 5. Descriptor 3 is the channel's stderr; the shell's own messages go nowhere.
 *
 * Under bash a stopped command ends `wait`, so it is waited for again while it lives; `wait -f` would do that by itself,
 * but bash 5.2 can spin in it for ever, writing "No record of process".
 *
 * Files of a run: `.s` lock and state (appended lines, each ends with ` .`), `.o` `.e` output, `.c` claim (who prints
 * the output), `.k` reason of a cancel.
 *
 * Supervisors: under bash one worker process takes one command after the other from descriptor 7 (`f_fwd`, `f_worker`); the
 * worker of a command that outlives the fast window is let go. Otherwise every command has a subshell (`f_r`). Either may be
 * slow to take its text: nobody is told that a command was started before its lock is there (`f_begun`).
 */
const LIBRARY = String.raw`
f_U=$(umask); umask 077; exec 3>&2 2>/dev/null
[ "$f_b" ] || { f_lc=@{LC_ALL+x$LC_ALL}; unset LC_ALL; LC_ALL=C; }
f_R=$HOME/.flotilla/runs; f_D=$PWD
[ -d "$f_R" ] || mkdir -p "$f_R"
f_st() { f_ps= f_pt=
IFS= read -r f_l <"/proc/$1/stat" || return 1
f_l=@{f_l##*) }; set -- $f_l; f_ps=$1; f_pt=@{20}; }
f_st 1; IFS= read -r f_B </proc/sys/kernel/random/boot_id; f_B=$f_B/$f_pt
hash sh; f_E=exec; if [ "$f_b" ]; then set -m
f_now() { f_t=$EPOCHREALTIME; }
f_self() { f_me=$BASHPID; }
else ! command -v setsid >/dev/null || f_E=setsid
f_now() { read -r f_t f_l </proc/uptime; }
f_self() { cd -P /proc/self; f_me=@{PWD##*/}; cd "$f_D"; }
fi
f_env() { umask "$f_U"; case $f_lc in x*) LC_ALL=@{f_lc#x}; export LC_ALL;; esac; }
f_go() { f_env; FLOTILLA_RUN=$f_id; export FLOTILLA_RUN; set -- "$f_C"; eval "$f_V"; }
f_size() { f_z=0; [ ! -s "$f_p.$2" ] || read -r f_l f_z <"/proc/self/fdinfo/$1"; }
f_cut() { f_z=$2; f_l=$((f_z - f_L)); if [ "$f_l" -gt 0 ]; then f_n=$((f_n + f_l)); f_z=$f_L
dd if=/dev/null of="$1" bs=1048576 seek=$((f_L / 1048576)) count=0 2>/dev/null; fi; }
f_cat() { [ "$2" -gt 0 ] && head -c "$2" "$1"; }
f_wait() { if [ "$f_b" ]; then while wait "$1"; f_x=$?; [ "$f_x" -gt 128 ] && f_st "$1" 2>/dev/null && [ "$f_ps" != Z ]; do sleep 0.1 || sleep 1; done
else wait "$1"; f_x=$?; [ "$f_x" -le 128 ] || jobs; fi; }
f_w() { if [ "$f_b" ] && [ -z "$f_ws" ]; then set -m; fi
if [ "$f_P" ]; then mkfifo "$f_p.i"; f_go 7>&1 <>"$f_p.i" >&5 2>&6 3>&- 5>&- 6>&- &
elif [ "$f_I" ]; then eval "$f_I" | f_go >&5 2>&6 3>&- 5>&- 6>&- &
else f_go </dev/null >&5 2>&6 3>&- 5>&- 6>&- & fi
f_c=$!; f_C= f_V= f_I= f_W=; printf 'c %s .\n' "$f_c"
f_wait "$f_c"; f_now
[ -z "$f_P" ] || while read -r f_l f_y f_z; do [ "$f_l" != p ] || f_x=$f_y; done <"$f_p.s"
f_n=0; f_size 5 o; f_cut "$f_p.o" "$f_z"; f_o=$f_z; f_size 6 e; f_cut "$f_p.e" "$f_z"; f_e=$f_z
f_k=-; [ -e "$f_p.k" ] && read -r f_k <"$f_p.k"
f_l="$f_x $f_t0 $f_t $f_o $f_e $f_n $f_k"
printf 'end %s .\n' "$f_l" || exit 1; }
f_say() { if printf '' >"$f_p.c"; then
f_i=$f_o f_j=$f_e; [ "$f_i" -le $f_M ] || f_i=$f_M; [ "$f_j" -le $f_M ] || f_j=$f_M
if [ "$f_b" ] && [ "$f_i" -le 16384 ] && [ "$f_j" -le 16384 ]; then
f_y= f_z=; [ "$f_i" -eq 0 ] || IFS= read -r -N "$f_i" f_y <"$f_p.o"; [ "$f_j" -eq 0 ] || IFS= read -r -N "$f_j" f_z <"$f_p.e"
if [ "@{#f_y}" -eq "$f_i" ] && [ "@{#f_z}" -eq "$f_j" ]; then
f_y="$f_F e $f_id $f_l $f_i $f_j
$f_y$f_z$f_F z $f_id
"; printf %s "$f_y"; return; fi; fi
printf '%s e %s %s\n' "$f_F" "$f_id" "$f_l $f_i $f_j"; f_cat "$f_p.o" "$f_i"; f_cat "$f_p.e" "$f_j"; printf '%s z %s\n' "$f_F" "$f_id"
else printf '%s l %s\n' "$f_F" "$f_id"; fi; }
f_s() { f_id=$1 f_p=$f_R/$1 f_ok=; if [ "$f_ws" ]; then f_pt=$f_ws; else f_self; f_st "$f_me"; fi; f_now; f_t0=$f_t; set -C
{ f_ok=2; printf 'v1 %s %s %s %s %s .\n' "$f_me" "$f_pt" "$f_B" "$f_t0" "$2" && { f_ok=1; f_w; } 5>"$f_p.o" 6>"$f_p.e"; } >"$f_p.s" 2>&1
case $f_ok in 1) f_say;; 2) rm -f "$f_p.s"; printf '%s n %s full\n' "$f_F" "$f_id"; exit;;
*) if [ -e "$f_p.s" ]; then printf '%s x %s\n' "$f_F" "$f_id"; else printf '%s n %s folder\n' "$f_F" "$f_id"; exit; fi;; esac; }
f_r() { [ "$f_b" ] || jobs >/dev/null; f_s "$1" "$2" </dev/null 3>&- 7>&- & f_C= f_V= f_I= f_W= f_P= f_last=$1 f_sv=$!; }
f_worker() { f_self; f_st "$f_me"; f_ws=$f_pt; set -m; while IFS= read -r -N 9 f_n && IFS= read -r -N "@{f_n#?}" f_x; do eval "$f_x"; f_P=; done; }
f_pipe() { exec 8<>"$1"; exec 7>/dev/fd/8; }
f_fwd() { f_x=@{f_x#??}; f_last=@{f_x%%"$f_nl"*}; f_x=@{f_x#*"$f_nl"}
f_sv=$f_wo; [ "$f_wo" ] && printf '#%08d%s' "@{#f_x}" "$f_x" >&7 && return
eval 'f_pipe <(:)'; f_worker </dev/fd/8 3>&- 7>&- 8>&- & exec 8>&-; f_wo=$! f_sv=$!; printf '#%08d%s' "@{#f_x}" "$f_x" >&7; }
f_let() { [ -z "$f_wo" ] || exec 7>&-; f_wo=; }
f_begun() { f_i=300; until [ -s "$f_R/$1.s" ]; do
if [ "$f_i" -gt 0 ] && f_st "$f_sv" && [ "$f_ps" != Z ]; then f_i=$((f_i - 1)); sleep 0.1 || sleep 1; else [ -s "$f_R/$1.s" ]; return; fi; done; }
f_d() { set -C; if ! f_begun "$1"; then f_let; printf '%s n %s unstarted\n' "$f_F" "$1"
elif printf '' >"$f_R/$1.c"; then f_let; f_arm "$1"; printf '%s d %s\n' "$f_F" "$1"; else printf '%s k %s\n' "$f_F" "$1"; fi; set +C; f_last=; }
f_arm() { f_dog "$1" </dev/null >/dev/null 2>&1 3>&- 7>&- & }
f_bye() { f_let; [ -z "$f_last" ] || f_arm "$f_last"; }
f_alive() { f_st "$1" && [ "$f_pt" = "$2" ] && [ "$f_ps" != Z ]; }
f_late_q() { f_y=; if [ -e "$f_p.u" ]; then read -r f_z <"$f_p.u"; for f_i in $f_z; do f_alive "@{f_i%/*}" "@{f_i#*/}" && f_y="$f_y $f_i"; done; printf 'u%s .\n' "$f_y"
elif [ -e "$f_p.w" ]; then read -r f_y f_z <"$f_p.w"; if f_alive "$f_y" "$f_z"; then printf 'w .\n'; fi; fi; }
f_q() { f_a=
for f_id in "$@"; do f_p=$f_R/$f_id
if [ -e "$f_p.s" ]; then f_y= f_z=; read -r f_l f_y f_z f_n <"$f_p.s"
f_l=gone; [ "$f_z" ] && f_alive "$f_y" "$f_z" && f_l=alive; f_t=$f_l
printf '%s q %s %s\n' "$f_F" "$f_id" "$f_l"
f_n=; while IFS= read -r f_l; do printf '%s\n' "$f_l"; case $f_l in 'end '*) f_n=1;; esac; done <"$f_p.s"
[ ! -e "$f_p.k" ] || f_late_q
if [ -z "$f_n" ]; then f_a="$f_a $f_id.s $f_id.o $f_id.e"; [ $f_t = gone ] || [ -e "$f_p.w" ] || f_arm "$f_id"; fi
else printf '%s q %s absent\n' "$f_F" "$f_id"; fi; printf '%s z %s\n' "$f_F" "$f_id"; done
[ -z "$f_a" ] || { printf '%s q - sizes\n' "$f_F"; (cd "$f_R" && ls -ln $f_a); printf '%s z -\n' "$f_F"; }
printf '%s Q\n' "$f_F"; }
f_g() { printf '%s g %s %s %s\n' "$f_F" "$1" "$2" "$3"; tail -c "+$(($3 + 1))" "$f_R/$1.$2" | head -c "$4"; printf '%s z %s\n' "$f_F" "$1"; }
f_h() { [ "$f_b" ] || jobs >/dev/null
if [ "$f_I" ]; then eval "$f_I" 7>&- | f_script; else f_script </dev/null; fi
f_x=$?; f_C= f_V= f_I= f_W=; printf '%s r %s\n' "$f_F" "$f_x"; printf '%s r\n' "$f_F" >&3; }
f_script() { ( f_self; printf '%s p %s\n' "$f_F" "$f_me"; trap 'printf "%s t\n" "$f_F"' EXIT; f_env; exec 2>&3 3>&- 7>&-; set -- "$f_C"; eval "$f_V" ); }
trap f_bye EXIT; f_nl='
'; [ -z "$f_b" ] || trap : PIPE
f_fd=/dev/fd; [ -e /dev/fd/0 ] || f_fd=/proc/self/fd
f_l=0; ! command -v script >/dev/null || ! command -v mkfifo >/dev/null || f_l=1
printf '%s h %s %s %s %s %s %s\n' "$f_F" "@{f_b:-0}" "$f_E" "$f_fd" "$f_l" "$$" "$f_B"
${STOPPING_FUNCTIONS}${TERMINAL_FUNCTIONS}
`.replaceAll('@{', '${');

/** The first message of a channel: its marker and the functions. */
export function libraryText(marker: string): string {
  const settings = [`f_F=${quote(marker)}`, `f_L=${OUTPUT_CAP}`, `f_M=${INLINE_CAP}`];
  return `${settings.join('\n')}\n${LIBRARY}`;
}
