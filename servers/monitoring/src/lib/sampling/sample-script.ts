import type { SectionMarks } from '../host/sections.ts';

const PROC_FILES = [
  'sys/kernel/random/boot_id',
  'uptime',
  'loadavg',
  'meminfo',
  'net/dev',
  'diskstats',
  'pressure/cpu',
  'pressure/io',
  'pressure/memory',
  'net/sockstat',
  'net/sockstat6',
  'sys/fs/file-nr',
  'sys/net/netfilter/nf_conntrack_count',
  'sys/net/netfilter/nf_conntrack_max',
].map((name) => `/proc/${name}`);

const USER = 'user.slice/user-*.slice/user@*.service';

/** Where the engines put the control groups of containers, below a hierarchy; those of pods have one more level. */
const GROUPS = [
  'docker/*',
  'system.slice/docker-*.scope',
  'machine.slice/libpod-*.scope',
  'machine.slice/machine-libpod_pod_*/libpod-*.scope',
  'libpod_parent/libpod-*',
  'libpod_parent/*/libpod-*',
  `${USER}/user.slice/libpod-*.scope`,
  `${USER}/user.slice/user-libpod_pod_*/libpod-*.scope`,
  `${USER}/user.slice/docker-*.scope`,
  `${USER}/app.slice/docker-*.scope`,
];

const V2_FILES = ['cpu.stat', 'cpu.max', 'memory.current', 'memory.stat', 'memory.max', 'memory.events'];
const V1_FILES: Record<string, readonly string[]> = {
  cpuacct: ['cpuacct.usage'],
  cpu: ['cpu.stat', 'cpu.cfs_quota_us', 'cpu.cfs_period_us'],
  memory: ['memory.usage_in_bytes', 'memory.stat', 'memory.limit_in_bytes', 'memory.oom_control'],
};

const collectGroups = (root: string, files: readonly string[]): string =>
  `for d in ${GROUPS.map((group) => `${root}/${group}`).join(' ')}; do [ -d "$d" ] && f="$f ${files
    .map((file) => `$d/${file}`)
    .join(' ')}"; done`;

const LABELS = ['com.docker.compose.project', 'com.docker.compose.service'];

const nameScript = (marks: SectionMarks): string => `${marks.begin('names')}
command -v docker >/dev/null 2>&1 && $t docker ps --no-trunc --format '{{.ID}}|{{.Names}}|${LABELS.map((label) => `{{.Label "${label}"}}`).join('|')}' 2>/dev/null
command -v podman >/dev/null 2>&1 && $t podman ps --no-trunc --format '{{.ID}}|{{.Names}}|${LABELS.map((label) => `{{index .Labels "${label}"}}`).join('|')}' 2>/dev/null`;

/** Local file systems alone where df knows -l: one that hangs on a dead server must not stop the look. */
const diskFree = (flags: string): string =>
  `d=$($t df ${flags}l 2>/dev/null); [ -n "$d" ] || d=$($t df ${flags} 2>/dev/null); echo "$d"`;

/** Most output that one look gives; the parser never sees more. */
export const SAMPLE_BYTES = 2 * 1024 * 1024;

export interface SampleOptions {
  /** Also asks the container engines what their containers are called. */
  names?: boolean;
  filesystems?: boolean;
  /** Where control groups are mounted. */
  cgroups?: string;
}

/**
 * One look at a host for the fast channel: a handful of processes, on coreutils and busybox alike. Sections begin with
 * the marks, files with `==> path <==`.
 */
export const sampleScript = (
  marks: SectionMarks,
  { names, filesystems = true, cgroups = '/sys/fs/cgroup' }: SampleOptions = {},
): string => `export LC_ALL=C
[ -r /proc/stat ] || exit 95
t=; command -v timeout >/dev/null 2>&1 && t='timeout 5'
f=
if [ -f ${cgroups}/cgroup.controllers ]; then
${collectGroups(cgroups, V2_FILES)}
else
${Object.entries(V1_FILES)
  .map(([controller, files]) => collectGroups(`${cgroups}/${controller}`, files))
  .join('\n')}
fi
${marks.begin('stat')}; grep -E '^(cpu|btime|procs_)' /proc/stat
${marks.begin('files')}; head -c 65536 /dev/null ${PROC_FILES.join(' ')} $f 2>/dev/null
echo
${
  !filesystems
    ? ''
    : `${marks.begin('df')}; ${diskFree('-PkT')}
${marks.begin('inodes')}; ${diskFree('-Pi')}`
}
${names ? nameScript(marks) : ''}
true`;
