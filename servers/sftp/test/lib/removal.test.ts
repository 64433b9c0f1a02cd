import { expect, test } from 'vitest';
import { mountPoints, removalRefusal } from '../../src/lib/mount-points.ts';
import { plainBytes } from '../../src/lib/shell-paths.ts';

const MOUNTINFO = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
90 22 0:45 / /mnt/my\\040disk rw - ext4 /dev/vdb rw
`;

test('mount points are read with their escapes', () => {
  expect(mountPoints(MOUNTINFO)).toEqual(['/', '/proc', '/mnt/my disk']);
});

test.each([
  ['/', 'the root'],
  ['/home/deploy', 'the home of the login'],
  ['/home', 'holds the home'],
  ['/etc', 'folder of the system'],
  ['/usr/lib', 'folder of the system'],
  ['/mnt/my disk', 'mount point'],
  ['/data', 'holds a mount point'],
])('%s is refused', (path, reason) => {
  const facts = { home: '/home/deploy', mounts: [...mountPoints(MOUNTINFO), '/data/x'] };
  expect(removalRefusal(path, facts)).toContain(reason);
});

test.each(['/home/deploy/old', '/home2', '/etc/nginx/sites-enabled/old', '/mnt/my diskette'])(
  '%s is not',
  (path) => {
    expect(removalRefusal(path, { home: '/home/deploy', mounts: mountPoints(MOUNTINFO) })).toBeUndefined();
  },
);

test('paths for the shell are the bytes they stand for', () => {
  expect(plainBytes('bytes:/a%20b%E9').toString('latin1')).toBe('/a b\u00e9');
  expect(plainBytes('~/x').toString()).toBe('./x');
  expect(plainBytes('~').toString()).toBe('.');
  expect(plainBytes('/ä').toString()).toBe('/ä');
});
