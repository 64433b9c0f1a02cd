import { z } from 'zod';

/** The newest version whose answers are known here; a newer engine is asked for this one. */
const NEWEST_KNOWN = '1.51';

const Version = z.object({
  Version: z.string().max(100).default(''),
  ApiVersion: z.string().max(20).default('1.24'),
  MinAPIVersion: z.string().max(20).default(''),
  Os: z.string().max(50).default(''),
  Arch: z.string().max(50).default(''),
  Components: z
    .array(
      z.object({
        Name: z.string().default(''),
        Version: z.string().default(''),
        Details: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
});

export interface EngineVersion {
  kind: 'docker' | 'podman';
  /** Of the engine, e.g. `20.10.24`. */
  version: string;
  /** Spoken from now on, e.g. `1.41`. */
  apiVersion: string;
  /** Of Podman's own API, e.g. `4.3.1`. */
  libpodVersion?: string;
}

/** What `GET /version` answers, and the API version to speak. Throws a ZodError for anything else. */
export function parseVersion(answer: unknown): EngineVersion {
  const said = Version.parse(answer);
  const podman = said.Components?.find(({ Name }) => Name === 'Podman Engine');
  const libpod = podman?.Details?.['APIVersion'];
  return {
    kind: podman ? 'podman' : 'docker',
    version: /^[0-9A-Za-z.+~_-]{1,40}$/.test(said.Version) ? said.Version : 'unknown',
    apiVersion: negotiate(said.ApiVersion, said.MinAPIVersion),
    ...(typeof libpod === 'string' && /^\d+(\.\d+){1,2}$/.test(libpod) && { libpodVersion: libpod }),
  };
}

function negotiate(newest: string, oldest: string): string {
  const chosen = isBelow(NEWEST_KNOWN, newest) ? NEWEST_KNOWN : valid(newest);
  return oldest !== '' && isBelow(chosen, valid(oldest)) ? valid(oldest) : chosen;
}

const valid = (version: string): string => (/^\d{1,3}\.\d{1,3}$/.test(version) ? version : '1.24');

/** Compares `major.minor`. */
export function isBelow(a: string, b: string): boolean {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA === majorB ? minorA < minorB : majorA < majorB;
}
