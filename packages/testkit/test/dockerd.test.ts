import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importBusybox, startDockerd, startRegistry, whyNoDockerd, whyNoRegistry } from '../src/index.ts';

const reason = whyNoDockerd();

describe.skipIf(reason !== undefined)(
  `a private docker engine${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    test('several at once, apart from each other, and gone after', async () => {
      const [one, two] = await Promise.all([startDockerd(), startDockerd()]);
      try {
        expect(importBusybox(one, 'box:1')).toMatch(/^sha256:[0-9a-f]{64}$/);
        expect(one.docker('run', '--rm', 'box:1', 'echo', 'hello')).toBe('hello');
        one.docker('run', '-d', '--name', 'left-over', 'box:1', 'sleep', '600');
        expect(two.docker('images', '-q')).toBe('');
      } finally {
        await Promise.all([one.stop(), two.stop()]);
      }
      expect(existsSync(one.folder)).toBe(false);
      expect(existsSync(`/proc/${one.pid}`)).toBe(false);
    });

    const noRegistry = whyNoRegistry();
    test.skipIf(noRegistry !== undefined)(
      `pushes to a registry${noRegistry ? ` (skipped: ${noRegistry})` : ''}`,
      async () => {
        const [engine, registry] = await Promise.all([startDockerd(), startRegistry()]);
        try {
          const reference = `${registry.address}/box:1`;
          importBusybox(engine, reference, { files: { 'etc/version': '1' } });
          expect(engine.docker('push', '-q', reference)).toContain(reference);
          const tags = await fetch(`http://${registry.address}/v2/box/tags/list`);
          expect(await tags.json()).toEqual({ name: 'box', tags: ['1'] });
        } finally {
          await Promise.all([engine.stop(), registry.stop()]);
        }
      },
    );
  },
);
