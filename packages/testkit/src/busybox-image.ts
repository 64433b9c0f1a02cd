import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-dir.ts';

const PROGRAM = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));

/** Packs a root folder with busybox and all its applets; `extra`: path → content of further files. */
function busyboxArchive(extra: Readonly<Record<string, string>>): { path: string; remove(): void } {
  if (!PROGRAM) throw new Error('busybox is missing (apt-get install busybox-static)');
  const folder = tempDir('flotilla-rootfs-');
  const root = join(folder.path, 'root');
  for (const name of ['bin', 'etc', 'tmp', 'var', 'dev', 'proc', 'data'])
    mkdirSync(join(root, name), { recursive: true });
  execFileSync('cp', [PROGRAM, join(root, 'bin/busybox')]);
  const applets = execFileSync(PROGRAM, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n');
  for (const [path, content] of Object.entries(extra)) writeFileSync(join(root, path), content);
  const path = join(folder.path, 'root.tar');
  execFileSync('tar', ['--owner=0', '--group=0', '-C', root, '-cf', path, '.']);
  return { path, remove: folder.remove };
}

/**
 * Makes an image out of busybox in an engine; returns its id (`sha256:…`). `files`: further files, so that two images
 * differ; `changes`: Dockerfile instructions, e.g. `HEALTHCHECK CMD true`.
 */
export function importBusybox(
  engine: { docker(...args: readonly string[]): string },
  reference: string,
  options: { files?: Readonly<Record<string, string>>; changes?: readonly string[] } = {},
): string {
  const archive = busyboxArchive(options.files ?? {});
  try {
    const changes = ['ENV PATH=/bin', ...(options.changes ?? [])].flatMap((change) => ['--change', change]);
    const printed =
      engine
        .docker('import', ...changes, archive.path, reference)
        .split('\n')
        .at(-1) ?? '';
    return printed.startsWith('sha256:') ? printed : `sha256:${printed}`;
  } finally {
    archive.remove();
  }
}
