import { quote } from '@flotilla/ssh';
import type { SectionMarks } from '../../host/sections.ts';

/** At most this many file systems are searched for what grows. */
const MAX_MOUNTS = 2;

const unitLines = (marks: SectionMarks, unit: string): string =>
  `${marks.begin('unit')}
$T journalctl --unit=${quote(unit)} -n 8 --no-pager -q -o short-iso 2>/dev/null | cut -c 1-600`;

/**
 * One bounded look at a host: processes, failed units, error lines, containers that are not well, and what grows on the
 * file system of the alert or on one that is full. POSIX sh; every part may be missing. Error lines come newest first:
 * with --since and without -r, -n is the oldest ones to journalctl.
 */
export const causeScript = (
  marks: SectionMarks,
  { mountpoint, unit }: { mountpoint?: string | undefined; unit?: string | undefined },
): string => `
${marks.begin('ps')}
ps -eo pid=,user=,pcpu=,pmem=,args= --sort=-pcpu 2>/dev/null | head -n 6
ps -eo pid=,user=,pcpu=,pmem=,args= --sort=-pmem 2>/dev/null | head -n 4
if command -v systemctl >/dev/null 2>&1; then ${marks.begin('units')}
$T systemctl list-units --failed --plain --no-legend --no-pager 2>/dev/null | head -n 20; fi
if command -v journalctl >/dev/null 2>&1; then ${unit === undefined ? '' : unitLines(marks, unit)}
${marks.begin('errors')}
$T journalctl -p 3 -r -n 12 --since '-1h' --no-pager -q -o short-iso 2>/dev/null | cut -c 1-600; fi
${marks.begin('df')}
$T df -Pkl 2>/dev/null | head -n 200
full=$($T df -Pkl 2>/dev/null | awk 'NR > 1 && $5 + 0 >= 95 && $1 !~ /^(tmpfs|devtmpfs|overlay|shm|udev)$/ { $1=$2=$3=$4=$5=""; sub(/^ +/, ""); print }' | head -n ${MAX_MOUNTS})
look() {
  ${marks.begin('files', '$1')}
  $T find "$1" -xdev -type f -mmin -120 -size +1024k -printf '%s %T@ %p\\n' 2>/dev/null | sort -rn | head -n 10 | cut -c 1-1200
}
${mountpoint === undefined ? '' : `look ${quote(mountpoint)}`}
printf '%s\\n' "$full" | while IFS= read -r one; do case "$one" in /*) [ "$one" = ${quote(mountpoint ?? '')} ] || look "$one";; esac; done
c=; for one in docker podman; do command -v $one >/dev/null 2>&1 && c=$one && break; done
if [ -n "$c" ]; then ${marks.begin('now')}
date +%s
ids=$($T $c ps -aq --no-trunc 2>/dev/null | head -n 100)
if [ -n "$ids" ]; then ${marks.begin('containers')}
$T $c inspect --format '{{.Id}} {{.RestartCount}} {{.Name}} {{json .State}}' $ids 2>/dev/null
$T $c inspect --format '{{.Id}} {{.State.Status}} {{.RestartCount}}' $ids 2>/dev/null | awk '$2 == "restarting" || $3 + 0 >= 3 { print $1 }' | head -n 3 | while read -r id; do
${marks.begin('lines', '$id')}
$T $c logs --tail 5 "$id" 2>&1 </dev/null | cut -c 1-400
${marks.begin('mounts', '$id')}
$T $c inspect --format '{{range .Mounts}}{{println .Source}}{{end}}' "$id" 2>/dev/null | head -n 20
done; fi; fi
true`;
