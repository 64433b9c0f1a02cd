/** How compose is called on a host. */
export interface ComposeCli {
  /** Words of the call, e.g. `docker compose`. */
  words: readonly string[];
  version: readonly [major: number, minor: number, patch: number];
}

/**
 * Prints one line `KIND VERSION` per compose that is there. `docker compose` is the v2 plugin, `docker-compose` may be
 * v1 or v2; podman needs a provider for `podman compose`.
 */
export const DETECT_SCRIPT = [
  'v=$(docker compose version --short 2>/dev/null) && printf "plugin %s\\n" "$v"',
  'v=$(docker-compose version --short 2>/dev/null) && printf "standalone %s\\n" "$v"',
  'command -v podman-compose >/dev/null 2>&1 && printf "podman-compose 0\\n"',
  'exit 0',
].join('\n');

const WORDS: Record<string, readonly string[]> = {
  plugin: ['docker', 'compose'],
  standalone: ['docker-compose'],
};

export interface Detected {
  cli?: ComposeCli;
  /** What was found but cannot be used. */
  unusable: ('v1' | 'podman-compose')[];
}

/** The first v2 of what DETECT_SCRIPT printed. */
export function detectedCompose(printed: string): Detected {
  const unusable: Detected['unusable'] = [];
  for (const line of printed.split('\n')) {
    const [, kind, major, minor, patch] =
      /^([a-z-]+) v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?/.exec(line) ?? [];
    const words = kind === undefined ? undefined : WORDS[kind];
    if (kind === 'podman-compose') unusable.push('podman-compose');
    else if (words && Number(major) < 2) unusable.push('v1');
    else if (words)
      return { cli: { words, version: [Number(major), Number(minor ?? 0), Number(patch ?? 0)] }, unusable };
  }
  return { unusable };
}

export const isAtLeast = (
  [major, minor]: ComposeCli['version'],
  wantedMajor: number,
  wantedMinor: number,
): boolean => major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
