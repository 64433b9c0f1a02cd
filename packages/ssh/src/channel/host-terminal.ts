/**
 * Terminals (`.i` is the FIFO that script(1) reads). `f_ask` tells what a terminal shows and whether something waits
 * for a line there: `tty` = a process sleeps in a read of the terminal, `idle` = all of its foreground sleeps, `busy`.
 * A question is named by the number of bytes shown so far; `.a.N` is made by the one answer it gets.
 */
export const TERMINAL_FUNCTIONS = String.raw`
f_shown() { f_head; f_z=; f_alive "$f_sup" "$f_start" && [ -z "$f_end" ] && read -r f_l f_z <"/proc/$f_sup/fdinfo/5"; }
f_ask() { f_id=$1 f_p=$f_R/$1; f_shown; f_y=- f_n=-
case $(stty -a <"$f_ty" 2>/dev/null) in *' -echo '*|*' -echo;'*) f_y=off;; *' echo '*|*' echo;'*) f_y=on;; esac
f_st "$f_ti"; set -- $f_l; f_t=$6; f_n=idle
for f_l in $(cat /proc/[0-9]*/stat 2>/dev/null | awk -v g="$f_t" '{ pid = $1; sub(/^.*\) /, ""); if ($3 == g) print pid "/" $1 }'); do
case @{f_l#*/} in R|D) f_n=busy;; esac
f_t=; read -r f_t <"/proc/@{f_l%/*}/wchan"; case $f_t in wait_woken|*tty_read*) f_n=tty; break;; esac; done
printf '%s w %s %s %s %s\n' "$f_F" "$f_id" "@{f_z:--}" "$f_y" "$f_n"; tail -c 2048 "$f_p.o"; printf '%s z %s\n' "$f_F" "$f_id"; }
f_pend() { if [ "$2" ]; then printf '' >|"$f_R/$1.p"; else rm -f "$f_R/$1.p"; fi; printf '%s P %s\n' "$f_F" "$1"; }
f_ans() { f_id=$1 f_p=$f_R/$1; f_l=gone; if f_shown; then f_l=stale; if [ "$f_z" = "$2" ] && (set -C; printf '' >"$f_p.a.$2"); then
f_l=ok; rm -f "$f_p.p"; eval "$f_I" 1<>"$f_p.i"; fi; fi; f_I=; printf '%s A %s %s\n' "$f_F" "$f_id" "$f_l"; }
f_lock() { f_now; f_l=exists; ! (set -C; printf 'v1 - - %s %s 0 .\nb .\n' "$f_B" "$f_t" >"$f_R/$1.s") || f_l=ok; printf '%s B %s %s\n' "$f_F" "$1" "$f_l"; }
f_bound_end() { printf 'end %s .\n' "$2" >>"$f_R/$1.s"; printf '%s B %s ok\n' "$f_F" "$1"; }
`.replaceAll('@{', '${');
