import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dryRunActions } from '../../../src/lib/compose/dry-run.ts';
import { parseLocated } from '../../../src/lib/compose/locate-script.ts';
import { configHashes } from '../../../src/lib/compose/model.ts';
import { refuseBomb } from '../../../src/lib/compose/parse-document.ts';
import { pathWord, splitPath } from '../../../src/lib/compose/shell-path.ts';
import { detectedCompose, isAtLeast } from '../../../src/lib/compose/version.ts';

test('v2 is found as plugin or alone, v1 and podman-compose are named as unusable', () => {
  expect(detectedCompose('plugin 2.26.1-4\nstandalone 1.29.2\n').cli).toEqual({
    words: ['docker', 'compose'],
    version: [2, 26, 1],
  });
  expect(detectedCompose('standalone v2.5\n').cli).toEqual({ words: ['docker-compose'], version: [2, 5, 0] });
  expect(detectedCompose('standalone 1.29.2\n')).toEqual({ unusable: ['v1'] });
  expect(detectedCompose('podman-compose 0\n')).toEqual({ unusable: ['podman-compose'] });
  expect([isAtLeast([2, 15, 0], 2, 15), isAtLeast([2, 9, 9], 2, 15), isAtLeast([3, 0, 0], 2, 15)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(detectedCompose('garbage\nplugin\n\n')).toEqual({ unusable: [] });
});

test('the dry run is read as actions, once per object', () => {
  const printed = ` DRY-RUN MODE -  Network shop_x  Creating
 DRY-RUN MODE -  Network shop_x  Created
 DRY-RUN MODE -  Container shop-web-1  Recreate
 DRY-RUN MODE -  Container shop-web-1  Recreated
 DRY-RUN MODE -  Container 26f3681e37a2_shop-web-1  Starting
 DRY-RUN MODE -  Container shop-one-1  Starting
 DRY-RUN MODE -  Volume "shop_data"  Creating
time="2026" level=warning msg="Container x Creating"
`;
  expect(dryRunActions(printed)).toEqual([
    { kind: 'network', name: 'shop_x', action: 'create' },
    { kind: 'container', name: 'shop-web-1', action: 'recreate' },
    { kind: 'container', name: 'shop-one-1', action: 'start' },
    { kind: 'volume', name: 'shop_data', action: 'create' },
  ]);
  expect(dryRunActions('\u001b[31mnonsense\n')).toEqual([]);
});

test('hashes and places are read, rubbish is not', () => {
  const hash = 'a'.repeat(64);
  expect([...configHashes(`web ${hash}\nnot a hash\napi short\n`)]).toEqual([['web', hash]]);
  expect(parseLocated('/srv/a b\n\0\0compose.yaml\x00120\0')).toEqual({
    folder: '/srv/a b\n',
    files: [{ path: 'compose.yaml', bytes: 120 }],
  });
  expect(parseLocated("/srv\0'a.yml:b.yml'\0compose.yaml\x001\0")?.files.map(({ path }) => path)).toEqual([
    'a.yml',
    'b.yml',
  ]);
  expect(parseLocated('relative\0\0')).toBeUndefined();
  expect(parseLocated('')).toBeUndefined();
});

test('any path reaches the shell as one word', () => {
  fc.assert(
    fc.property(
      fc
        .string({ unit: 'grapheme', maxLength: 40 })
        .filter((text) => !/[\0\uD800-\uDFFF]/u.test(text) && text !== '~' && !text.startsWith('~/')),
      (path) => {
        const printed = execFileSync('sh', ['-c', `printf %s ${pathWord(path)}`], { encoding: 'utf8' });
        expect(printed).toBe(path);
      },
    ),
    { numRuns: 50 },
  );
  const env = { HOME: '/home/a b' };
  expect(execFileSync('sh', ['-c', `printf %s ${pathWord("~/it's $x")}`], { encoding: 'utf8', env })).toBe(
    "/home/a b/it's $x",
  );
  expect(splitPath('/a/b/')).toEqual({ folder: '/a', name: 'b' });
  expect(splitPath('x')).toEqual({ folder: '.', name: 'x' });
  expect(splitPath('/x')).toEqual({ folder: '/', name: 'x' });
});

test('aliases may be used, not multiplied', () => {
  refuseBomb(
    `x: &log { driver: json }\nservices:\n${Array.from({ length: 300 }, (_, at) => `  s${at}: { logging: *log }\n`).join('')}`,
  );
  const levels = Array.from({ length: 9 }, (_, at) =>
    at === 0
      ? 'l0: &l0 [lol, lol]'
      : `l${at}: &l${at} [${Array(9)
          .fill(`*l${at - 1}`)
          .join(', ')}]`,
  );
  expect(() => refuseBomb(levels.join('\n'))).toThrow('multiply');
});
