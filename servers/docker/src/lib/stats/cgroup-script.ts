/** Reads the counters of containers by their full ids, out of cgroup v1 or v2 files, in one pass. Ids are hex only. */
export function cgroupScript(ids: readonly string[]): string {
  return `cat /proc/uptime; nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo
one() { [ -r "$1" ] && echo "$2 $(cat "$1" 2>/dev/null | tr '\\n' ';')"; }
cd /sys/fs/cgroup 2>/dev/null || exit 0
all=$(find . -maxdepth 6 -type d \\( -name '*[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]' -o -name '*.scope' \\) 2>/dev/null)
for id in ${ids.join(' ')}; do
  echo "container $id"
  pid=
  for d in $(echo "$all" | grep -E "/(docker-|libpod-)?$id(\\.scope)?$"); do
    case $d in */libpod-conmon-*) continue;; esac
    one $d/cpu.stat cpustat; one $d/cpuacct.usage cpuacct
    one $d/memory.current memory; one $d/memory.usage_in_bytes memory
    one $d/memory.max limit; one $d/memory.limit_in_bytes limit
    [ -r $d/memory.stat ] && grep -E '^(total_)?inactive_file ' $d/memory.stat | tail -n 1
    one $d/pids.current pids
    one $d/io.stat io; one $d/blkio.throttle.io_service_bytes blkio
    [ -z "$pid" ] && pid=$(head -n 1 $d/cgroup.procs 2>/dev/null)
    [ -z "$pid" ] && pid=$(head -n 1 $d/container/cgroup.procs 2>/dev/null)
  done
  [ -n "$pid" ] && [ -r /proc/$pid/net/dev ] && tail -n +3 /proc/$pid/net/dev | sed 's/^/net /'
done
exit 0`;
}
