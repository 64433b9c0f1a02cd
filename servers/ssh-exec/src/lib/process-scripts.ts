/** Reads the whole process table from /proc with a handful of processes, on coreutils and busybox alike. */
export const listScript = (withPorts: boolean): string => `export LC_ALL=C
[ -r /proc/self/stat ] || exit 95
echo @@ticks; getconf CLK_TCK 2>/dev/null || echo 100
echo @@page; getconf PAGE_SIZE 2>/dev/null || echo 4096
echo @@uptime; cat /proc/uptime
echo @@stat; cat /proc/[0-9]*/stat 2>/dev/null
echo @@owners; ls -ld /proc/[0-9]* 2>/dev/null
echo @@cmdline; head -c 2000 /proc/[0-9]*/cmdline 2>/dev/null
${withPorts ? 'echo; echo @@sockets; cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null\necho @@fds; ls -l /proc/[0-9]*/fd 2>/dev/null' : ''}
true`;

/**
 * Signals a process only while its start time is the one that was seen, then waits for its end.
 * Exit codes: 0 ended, 3 still running, 4 no such process, 5 another process has this pid now, 6 not permitted.
 */
export const killScript = (pid: number, startTime: number, signal: string, waitSeconds: number): string => `
start() { s=; read -r s 2>/dev/null < /proc/${pid}/stat || return 1; s=\${s##*) }; set -- $s; [ "$1" != Z ] || return 1; shift 19; echo "$1"; }
now=$(start) || exit 4
[ "$now" = ${startTime} ] || exit 5
kill -s ${signal} ${pid} 2>/dev/null || exit 6
n=0
while [ "$n" -lt ${waitSeconds * 10} ]; do
  [ "$(start)" = ${startTime} ] || exit 0
  sleep 0.1 2>/dev/null || { sleep 1; n=$((n + 9)); }
  n=$((n + 1))
done
[ "$(start)" = ${startTime} ] && exit 3
exit 0`;
