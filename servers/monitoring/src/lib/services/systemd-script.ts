import type { SectionMarks } from '../host/sections.ts';

const PROPERTIES = [
  'Id,Description,LoadState,ActiveState,SubState,Result,UnitFileState,ExecMainCode,ExecMainStatus,NRestarts',
  'StateChangeTimestamp,MainPID,Unit,LastTriggerUSec,NextElapseUSecRealtime,NextElapseUSecMonotonic',
].join(',');

const MAX_FAILED = 15;
const JOURNAL_LINES = 6;

/**
 * Services, timers and whatever else failed, as `systemctl show` prints them (systemctl(1)), with the last journal
 * lines of each failed unit. Times are printed in UTC. Says `absent` when systemd is not process 1.
 */
export const systemdScript = (marks: SectionMarks): string => `
if [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; then
${marks.begin('boot')}; grep '^btime ' /proc/stat
failed=$(systemctl list-units --failed --all --plain --no-legend --full --no-pager 2>/dev/null | awk '{ print ($1 == "●") ? $2 : $1 }' | head -n ${MAX_FAILED})
${marks.begin('units')}
set -f
TZ=UTC $T systemctl show --all --no-pager --property=${PROPERTIES} -- '*.service' '*.timer' $failed 2>&1 | head -c 3000000
for unit in $failed; do
${marks.begin('journal', '$unit')}
$T journalctl --no-pager -q -n ${JOURNAL_LINES} -o cat --unit="$unit" 2>/dev/null | cut -c1-500
done
set +f
else ${marks.begin('absent', '$(cat /proc/1/comm 2>/dev/null)')}
fi`;
