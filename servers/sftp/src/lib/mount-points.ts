/** Mount points of a /proc/self/mountinfo (proc(5)): field 5, with octal escapes for blanks and backslashes. */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((field): field is string => field !== undefined)
    .map((field) =>
      field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}

/** Folders of the system that nobody means to remove as a whole. */
const SYSTEM = new Set(
  'bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var usr/bin usr/lib usr/local usr/sbin usr/share var/lib var/log'
    .split(' ')
    .map((name) => `/${name}`),
);

const inside = (path: string, folder: string): boolean =>
  path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** Why a real path must not be removed; undefined when it may be. */
export function removalRefusal(
  path: string,
  facts: { home: string; mounts: readonly string[] },
): string | undefined {
  if (path === '/' || path === '') return 'it is the root of the file system';
  if (path === facts.home) return 'it is the home of the login';
  if (inside(facts.home, path)) return 'it holds the home of the login';
  if (SYSTEM.has(path)) return 'it is a folder of the system';
  if (facts.mounts.includes(path)) return 'it is a mount point';
  const below = facts.mounts.find((mount) => inside(mount, path));
  return below === undefined ? undefined : `it holds a mount point: ${below}`;
}
