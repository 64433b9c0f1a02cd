import type { HostLinks } from '../../links.ts';
import { type CommandEnd, runRemote } from './remote-command.ts';

/** What a host has for faster and verified transfers. Without a shell (SFTP only) everything is absent. */
export interface Capabilities {
  shell: boolean;
  /** GNU tar takes names separated by NUL. */
  tar: 'gnu' | 'other' | undefined;
  /** Prints the sha256 of its input, or one line `sum *name` for each file given as an argument. */
  sha256: string | undefined;
  xargs: boolean;
}

const PROBE = `echo flotilla
command -v tar >/dev/null 2>&1 && { tar --version 2>/dev/null | grep -q GNU && echo tar=gnu || echo tar=other; }
command -v openssl >/dev/null 2>&1 && openssl dgst -sha256 -r </dev/null 2>/dev/null | grep -q ^e3b0 && echo openssl
command -v sha256sum >/dev/null 2>&1 && echo sha256sum
command -v shasum >/dev/null 2>&1 && echo shasum
printf 'a\\0' | xargs -0 echo >/dev/null 2>&1 && echo xargs
exit 0`;

const PROBE_MS = 15_000;
const known = new WeakMap<HostLinks, Map<string, Promise<Capabilities>>>();

/** Asked once per host and process; a failed probe is asked again next time. */
export function capabilitiesOf(links: HostLinks, alias: string): Promise<Capabilities> {
  const ofLinks = known.get(links) ?? new Map<string, Promise<Capabilities>>();
  known.set(links, ofLinks);
  const found = ofLinks.get(alias);
  if (found) return found;
  const probe = runRemote(links, alias, PROBE, { signal: AbortSignal.timeout(PROBE_MS) })
    .then(readProbe)
    .catch(() => {
      ofLinks.delete(alias);
      return NONE;
    });
  ofLinks.set(alias, probe);
  return probe;
}

const NONE: Capabilities = {
  shell: false,
  tar: undefined,
  sha256: undefined,
  xargs: false,
};

function readProbe(end: CommandEnd): Capabilities {
  const words = new Set(end.stdout.toString('latin1').split('\n'));
  if (!words.has('flotilla')) return NONE;
  const sum = words.has('sha256sum') ? 'sha256sum' : words.has('shasum') ? 'shasum -a 256' : undefined;
  // Uses the CPU's instructions for it, where coreutils' own code takes four times as long.
  const program = words.has('openssl') ? 'openssl dgst -sha256 -r' : sum;
  return {
    shell: true,
    tar: words.has('tar=gnu') ? 'gnu' : words.has('tar=other') ? 'other' : undefined,
    sha256: program,
    xargs: words.has('xargs'),
  };
}
