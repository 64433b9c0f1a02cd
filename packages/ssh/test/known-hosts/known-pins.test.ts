import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@flotilla/core';
import { makeKey, tempDir } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { knownHostPins } from '../../src/index.ts';

test('the keys that are listed for a host and port, none that is revoked', async () => {
  const folder = tempDir();
  onTestFinished(() => folder.remove());
  const keys = await Promise.all(['a', 'b', 'c'].map((name) => makeKey({ folder: folder.path, name })));
  const publicKey = (index: number): string =>
    (keys[index]?.publicKey ?? '').split(' ').slice(0, 2).join(' ');
  const file = join(folder.path, 'known_hosts');
  writeFileSync(
    file,
    [
      `web1,192.0.2.7 ${publicKey(0)}`,
      `[web1]:2222 ${publicKey(1)}`,
      `web1 ${publicKey(2)}`,
      `@revoked * ${publicKey(2)}`,
    ].join('\n'),
  );
  const pins = knownHostPins([file, join(folder.path, 'missing')], silentLogger);
  expect(await pins('web1', 22)).toEqual([{ type: 'ssh-ed25519', fingerprint: keys[0]?.fingerprint }]);
  expect(await pins('192.0.2.7', 22)).toHaveLength(1);
  expect((await pins('web1', 2222)).map(({ fingerprint }) => fingerprint)).toEqual([keys[1]?.fingerprint]);
  expect(await pins('web2', 22)).toEqual([]);
});
