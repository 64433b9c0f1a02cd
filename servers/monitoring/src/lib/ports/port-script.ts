import type { SectionMarks } from '../host/sections.ts';

/** Listeners, who owns their processes, what Docker publishes and what the firewall says; each as far as it can be read. */
export const portScript = (marks: SectionMarks): string => `
if command -v ss >/dev/null 2>&1 && ss -Htulnpe >/dev/null 2>&1; then ${marks.begin('ss')}; ss -Htulnpe 2>/dev/null | head -n 5000
else ${marks.begin('proc')}
for f in tcp tcp6 udp udp6; do echo "# $f"; head -c 400000 /proc/net/$f 2>/dev/null; done
${marks.begin('fds')}; ls -l /proc/[0-9]*/fd 2>/dev/null | grep -E '^/proc|socket:' | head -c 2000000
${marks.begin('comm')}; for d in /proc/[0-9]*; do IFS= read -r name 2>/dev/null < "$d/comm" && printf '%s %s\\n' "\${d#/proc/}" "$name"; done | head -n 20000
fi
${marks.begin('owners')}; ls -ld /proc/[0-9]* 2>/dev/null | awk '{ print $3, $NF }' | head -n 20000
${marks.begin('passwd')}; cut -d: -f1,3 /etc/passwd 2>/dev/null | head -n 5000
${marks.begin('docker')}; { docker ps --format '{{.Names}}|{{.Ports}}' || podman ps --format '{{.Names}}|{{.Ports}}'; } 2>/dev/null </dev/null | head -n 500
${marks.begin('ufw')}; ufw status verbose 2>/dev/null </dev/null | head -n 500
${marks.begin('nft')}; nft list ruleset 2>/dev/null </dev/null | head -c 200000
true`;
