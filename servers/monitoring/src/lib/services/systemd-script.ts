import type { SectionMarks } from '../host/sections.ts';

const PROPERTIES = [
  'Id,Description,LoadState,ActiveState,SubState,Result,UnitFileState,ExecMainCode,ExecMainStatus,NRestarts',
  'StateChangeTimestamp,MainPID,Unit,LastTriggerUSec,NextElapseUSecRealtime,NextElapseUSecMonotonic',
].join(',');

const MAX_FAILED = 15;
const JOURNAL_LINES = 6;
const MAX_USERS = 20;

/**
 * Services, timers and whatever else failed, as `systemctl show` prints them (systemctl(1)), with the last journal
 * lines of each failed unit. Times are printed in UTC. Says `absent` when systemd is not process 1. Then the same of the
 * managers of users that run (systemd(1) --user), in sections labelled with the user: the login's own, for root all.
 */
export const systemdScript = (marks: SectionMarks): string => `
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
${marks.begin('boot')}; grep '^btime ' /proc/stat
manager() {
  if [ -z "$owner" ]; then $T systemctl "$@"
  elif [ "$uid" = "$me" ]; then XDG_RUNTIME_DIR=$dir $T systemctl --user "$@"
  else $T setpriv --reuid="$uid" --regid="$gid" --clear-groups env XDG_RUNTIME_DIR="$dir" systemctl --user "$@"
  fi
}
read_units() {
failed=$(manager list-units --failed --all --plain --no-legend --full --no-pager 2>/dev/null | awk '{ print ($1 == "●") ? $2 : $1 }' | head -n ${MAX_FAILED})
${marks.begin('units', '$owner')}
TZ=UTC manager show --all --no-pager --property=${PROPERTIES} -- '*.service' '*.timer' $failed 2>&1 | head -c 3000000
for unit in $failed; do
label=\${owner:+$owner }$unit
${marks.begin('journal', '$label')}
if [ -z "$owner" ]; then set -- --unit="$unit"; else set -- _SYSTEMD_USER_UNIT="$unit" _UID="$uid" + USER_UNIT="$unit" _UID="$uid"; fi
$T journalctl --no-pager -q -n ${JOURNAL_LINES} -o cat "$@" 2>/dev/null | cut -c1-500
done
}
me=$(id -u); dirs=$(ls -d /run/user/[0-9]* 2>/dev/null | head -n ${MAX_USERS})
set -f
owner=; read_units
for dir in $dirs; do
uid=\${dir##*/}
[ -S "$dir/systemd/private" ] || continue
[ "$me" = 0 ] || [ "$me" = "$uid" ] || continue
owner=$(id -un "$uid" 2>/dev/null) || continue
gid=$(id -g "$uid"); read_units
done
set +f
else ${marks.begin('absent', '$(cat /proc/1/comm 2>/dev/null)')}
fi`;
