import type { Logger } from '@flotilla/core';
import type { HostLinks } from '../links.ts';
import { conversation } from './conversation.ts';
import { hostChannels } from './host-channels.ts';
import { withChannel } from './with-channel.ts';

/** What of the host our features need, found in one round trip. Text of a remote host. */
export interface HostFacts {
  /** bash >= 5 runs the fast channel; otherwise sh. */
  bash: boolean;
  /** Programs that are there. */
  programs: readonly string[];
  /** /proc is mounted and readable. */
  proc: boolean;
  /** logind ends what a user left running when the last session closes: detached commands die with the connection. */
  killsUserProcesses: boolean;
  /** Boot id and start time of process 1. */
  boot: string;
  /** `uname -srm`. */
  system: string;
  /** PRETTY_NAME of os-release(5), or ''. */
  distribution: string;
  uid: number;
}

const PROGRAMS =
  'bash setsid script mkfifo tar sha256sum sudo ps stat dd head tail awk grep stty mktemp base64 gzip zstd rsync systemctl docker';

const SCRIPT = `for p in ${PROGRAMS}; do command -v $p >/dev/null 2>&1 && printf 'program %s\\n' $p; done
[ -r /proc/self/stat ] && echo proc yes
for f in /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf; do
[ -r "$f" ] && grep -iqE '^[[:space:]]*KillUserProcesses[[:space:]]*=[[:space:]]*(yes|true|1|on)' "$f" && echo kills yes; done
printf 'uid %s\\n' "$(id -u)"; printf 'system %s\\n' "$(uname -srm)"
[ -r /etc/os-release ] && (. /etc/os-release; printf 'distribution %s\\n' "$PRETTY_NAME")
:`;

export async function hostFacts(links: HostLinks, log: Logger, alias: string): Promise<HostFacts> {
  return withChannel(hostChannels(links, log), alias, async (channel) => {
    let text = '';
    await conversation(channel, `f_facts() { ${SCRIPT}\n}; f_facts 2>/dev/null; f_say facts`, {
      frame: (words) => words[0] === 'facts',
      data: (chunk) => {
        if (text.length < 16_384) text += chunk.toString('utf8');
      },
    });
    const lines = text.split('\n').map((line) => line.slice(0, 300));
    const values = (key: string): string[] =>
      lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
    return {
      bash: channel.hello.bash,
      programs: values('program'),
      proc: values('proc').length > 0,
      killsUserProcesses: values('kills').length > 0,
      boot: channel.hello.boot,
      system: values('system')[0] ?? '',
      distribution: values('distribution')[0] ?? '',
      uid: Number(values('uid')[0] ?? Number.NaN),
    };
  });
}
