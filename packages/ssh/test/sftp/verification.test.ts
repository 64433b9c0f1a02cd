import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { partName } from '../../src/sftp/transfer/part-name.ts';
import { randomBytes, transferSetup } from './helpers/transfer-setup.ts';

/** Programs on a host that say every file has this sum: as if another one had been written. */
const bin = mkdtempSync(join(tmpdir(), 'flotilla-liars-'));
const WRONG = 'ab'.repeat(32);
for (const [name, script] of [
  [
    'openssl',
    `#!/bin/sh\n[ -t 0 ] || case "$(head -c 1 | wc -c)" in 0) echo "e3b0${WRONG.slice(4)} *stdin";; *) cat >/dev/null; echo "${WRONG} *stdin";; esac\n`,
  ],
  ['sha256sum', `#!/bin/sh\nfor f; do echo "${WRONG}  $f"; done\n`],
] as const) {
  writeFileSync(join(bin, name), script);
  chmodSync(join(bin, name), 0o755);
}
afterAll(() => rmSync(bin, { recursive: true }));

describe('a copy whose checksum differs', () => {
  const on = transferSetup([`SetEnv PATH=${bin}:/usr/bin:/bin`]);
  const wrong = { code: 'TRANSFER_FAILED', details: { cause: 'checksum' } };

  test('one file: nothing is replaced and nothing is left, in both directions', async () => {
    writeFileSync(join(on.here, 'f'), randomBytes(2_000_000));
    writeFileSync(join(on.there, 'g'), 'old');
    await expect(on.upload('f', join(on.there, 'g'))).rejects.toMatchObject(wrong);
    expect(readFileSync(join(on.there, 'g'), 'utf8')).toBe('old');
    expect(readdirSync(on.there)).toEqual(['g']);
    writeFileSync(join(on.here, 'back'), 'mine');
    await expect(on.download(join(on.there, 'g'), 'back')).rejects.toMatchObject(wrong);
    expect(readFileSync(join(on.here, 'back'), 'utf8')).toBe('mine');
    expect(readdirSync(on.here).sort()).toEqual(['back', 'f']);
  });

  test('many small files: each is a fault', async () => {
    mkdirSync(join(on.here, 'd'));
    for (let i = 0; i < 6; i++) writeFileSync(join(on.here, `d/${i}`), `${i}`);
    const up = on.upload('d', join(on.there, 'd'));
    expect(await up).toMatchObject({
      files: 0,
      failed: 6,
      verified: 0,
      failures: [{ code: 'TRANSFER_FAILED' }, {}, {}, {}, {}, {}],
    });
    expect(readdirSync(join(on.there, 'd'))).toEqual([]);
    writeFileSync(join(on.there, 'd/x'), 'x');
    for (let i = 0; i < 6; i++) writeFileSync(join(on.there, `d/${i}`), `${i}`);
    expect(await on.download(join(on.there, 'd'), 'back')).toMatchObject({ files: 0, failed: 7 });
    expect(readdirSync(join(on.here, 'back'))).toEqual([]);
  });
});

describe('a symlink planted at the temporary name', () => {
  const on = transferSetup();
  const part = partName(Buffer.from('f')).toString();

  test('is not written through, on either side', async () => {
    writeFileSync(join(on.here, 'f'), randomBytes(2_000_000));
    writeFileSync(join(on.there, 'victim'), 'victim');
    symlinkSync('victim', join(on.there, part));
    await on.upload('f', join(on.there, 'f'));
    expect(readFileSync(join(on.there, 'victim'), 'utf8')).toBe('victim');
    rmSync(join(on.here, 'f'));
    writeFileSync(join(on.here, 'victim'), 'victim');
    symlinkSync('victim', join(on.here, part));
    await on.download(join(on.there, 'f'), 'f');
    expect(readFileSync(join(on.here, 'victim'), 'utf8')).toBe('victim');
    expect(existsSync(join(on.here, part))).toBe(false);
  });
});
