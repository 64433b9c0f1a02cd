/** Prints `name=value` lines about load, memory, root file system and uptime; POSIX sh and busybox on Linux, reads only. */
export const STATUS_SCRIPT = `
LC_ALL=C; export LC_ALL
say() { printf '%s=%s\\n' "$1" "$2"; }
read -r one five fifteen rest 2>/dev/null </proc/loadavg && { say load1 "$one"; say load5 "$five"; say load15 "$fifteen"; }
read -r up rest 2>/dev/null </proc/uptime && say uptime_s "$up"
say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null)"
sed -n 's/^\\(MemTotal\\|MemAvailable\\|SwapTotal\\|SwapFree\\): *\\([0-9]*\\).*/\\1=\\2/p' /proc/meminfo 2>/dev/null | tr 'A-Z' 'a-z'
df -Pk / 2>/dev/null | tail -n 1 | while read -r device total used free percent mount; do say disk_kib "$total"; say disk_used_kib "$used"; say disk_free_kib "$free"; done
say end yes
`;
