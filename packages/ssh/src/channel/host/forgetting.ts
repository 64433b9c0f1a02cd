import { shellText } from './shell-text.ts';

/**
 * Removes what ended runs left, many at once: one rm for all of them. The state file stays as a tombstone, with a line more,
 * until it is older than 31 days. Names are put together once per run: bash copies the whole list with every addition.
 */
export const FORGETTING_FUNCTIONS = shellText(String.raw`
f_forget() {
  f_files=
  for f_id in "$@"; do
    f_name_run "$f_id"
    [ -e "$f_run.s" ] || continue
    f_read_state
    if [ -z "$f_end" ] && [ "$f_supervisor" ] && f_is_alive "$f_supervisor" "$f_supervisor_start"; then continue; fi
    [ "$f_end" = x ] || printf 'x removed .\n' >>"$f_run.s"
    f_names="$f_id.o $f_id.e $f_id.c $f_id.d $f_id.k $f_id.w $f_id.p $f_id.i $f_id.u"
    # Only a terminal has .a.N, and the pattern costs a look at the whole folder.
    [ -z "$f_terminal_name" ] || f_names="$f_names $f_id.a.*"
    f_files="$f_files $f_names"
  done
  [ -z "$f_files" ] || (cd "$f_runs" && rm -f $f_files)
  f_say forgotten
}
# Tombstones older than 31 days; the state file of a run that was never forgotten stays.
f_sweep() {
  (cd "$f_runs" && find . -name '*.s' -mtime +31 -exec grep -l '^x ' {} + | xargs rm -f --) </dev/null >/dev/null 2>&1 3>&- 7>&- &
}
`);
