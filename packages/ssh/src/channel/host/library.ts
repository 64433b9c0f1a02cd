import { quote } from '../../quote.ts';
import { ASKING_FUNCTIONS } from './asking.ts';
import { BASIC_FUNCTIONS } from './basics.ts';
import { FORGETTING_FUNCTIONS } from './forgetting.ts';
import { shellText } from './shell-text.ts';
import { CANCEL_FUNCTIONS, STOPPING_FUNCTIONS } from './stopping.ts';
import { SUPERVISING_FUNCTIONS } from './supervising.ts';
import { TERMINAL_FUNCTIONS } from './terminal.ts';
import { WATCHDOG_FUNCTIONS } from './watchdog.ts';

/** Bytes of each stream kept on the host; what a command writes beyond is counted and dropped. */
export const OUTPUT_CAP = 64 * 1024 * 1024;
/** Bytes of each stream sent together with the end of a short command; the rest is read by offset. */
export const INLINE_CAP = 256 * 1024;

/**
 * What depends on the host's shell, found out once. Descriptor 3 is the channel's stderr; the shell's own messages go
 * nowhere. All variables and functions start with `f_`, which commands cannot set; `f_bash` is set under bash >= 5.
 */
const PREPARATION = shellText(`
f_umask=$(umask)
umask 077
exec 3>&2 2>/dev/null
[ "$f_bash" ] || { f_lc_all=@{LC_ALL+x$LC_ALL}; unset LC_ALL; LC_ALL=C; }
f_runs=$HOME/.flotilla/runs f_start_folder=$PWD f_folder=
[ -d "$f_runs" ] || mkdir -p "$f_runs"
f_read_process 1
IFS= read -r f_boot_id </proc/sys/kernel/random/boot_id
f_boot_id=$f_boot_id/$f_process_start
hash sh
f_session=exec
if [ "$f_bash" ]; then
  set -m
  f_read_clock() { f_clock=$EPOCHREALTIME; }
  f_read_own_pid() { f_me=$BASHPID; }
else
  ! command -v setsid >/dev/null || f_session=setsid
  f_read_clock() { read -r f_clock f_line </proc/uptime; }
  f_read_own_pid() { cd -P /proc/self; f_me=@{PWD##*/}; cd "$f_start_folder"; }
fi
f_newline='
'
trap f_on_exit EXIT
[ -z "$f_bash" ] || trap : PIPE
`);

const HELLO = shellText(`
f_descriptors=/dev/fd
[ -e /dev/fd/0 ] || f_descriptors=/proc/self/fd
f_has_script=0
! command -v script >/dev/null || ! command -v mkfifo >/dev/null || f_has_script=1
f_say hello "@{f_bash:-0}" "$f_session" "$f_descriptors" "$f_has_script" "$$" "$f_boot_id"
`);

/** Functions of a fast channel, defined once when it opens. The protocol is in docs/decisions/0016. */
const LIBRARY = [
  BASIC_FUNCTIONS,
  PREPARATION,
  SUPERVISING_FUNCTIONS,
  ASKING_FUNCTIONS,
  STOPPING_FUNCTIONS,
  CANCEL_FUNCTIONS,
  WATCHDOG_FUNCTIONS,
  FORGETTING_FUNCTIONS,
  TERMINAL_FUNCTIONS,
  HELLO,
].join('');

/** The first message of a channel: its marker and the functions. */
export function libraryText(marker: string): string {
  return `f_mark=${quote(marker)} f_cap=${OUTPUT_CAP} f_inline=${INLINE_CAP}\n${LIBRARY}`;
}
