/** Programs that tools make use of; which ones are there decides what works. */
export const PROGRAMS = [
  'setsid',
  'ps',
  'script',
  'tar',
  'sha256sum',
  'sudo',
  'systemctl',
  'journalctl',
  'docker',
  'podman',
  'rsync',
  'python3',
  'bash',
] as const;

/** Prints `name=value` lines; POSIX sh and busybox, reads only, well under a second. */
export const FACTS_SCRIPT = `
LC_ALL=C; export LC_ALL
say() { printf '%s=%s\\n' "$1" "$2"; }
field() { sed -n "s/^$1=//p" /etc/os-release 2>/dev/null | head -n 1 | tr -d '"'; }
say os "$(field PRETTY_NAME)"
say os_id "$(field ID)"
say os_version "$(field VERSION_ID)"
say kernel "$(uname -sr 2>/dev/null)"
say architecture "$(uname -m 2>/dev/null)"
say hostname "$(uname -n 2>/dev/null)"
say user "$(id -un 2>/dev/null)"
say uid "$(id -u 2>/dev/null)"
say shell "$SHELL"
say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null)"
say memory_kib "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo 2>/dev/null)"
say boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
for sshd in /usr/sbin/sshd /usr/local/sbin/sshd /sbin/sshd; do
  [ -x "$sshd" ] && { say sshd "$("$sshd" -V 2>&1 | sed -n 's/.*\\(OpenSSH_[^ ,]*\\).*/\\1/p' | head -n 1)"; break; }
done
for program in ${PROGRAMS.join(' ')}; do command -v "$program" >/dev/null 2>&1 && say has "$program"; done
[ -r /proc/self/stat ] && say has proc
[ "$(id -u)" != 0 ] && command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1 && say sudo_nopasswd yes
[ -d /run/systemd/system ] && say systemd yes
if command -v busctl >/dev/null 2>&1; then
  say kill_user_processes "$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null)"
else
  say kill_user_processes "$(cat /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf 2>/dev/null | sed -n 's/^ *KillUserProcesses *= *//p' | tail -n 1)"
fi
say utc "$(date -u +%s 2>/dev/null)"
say end yes
`;
