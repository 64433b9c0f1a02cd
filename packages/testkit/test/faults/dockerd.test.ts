import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startDockerd, whyNoDockerd } from '../../src/index.ts';

const reason = whyNoDockerd();
const hasBridge = (): boolean => existsSync('/sys/class/net/docker0');

test.skipIf(reason !== undefined)(
  `an engine leaves the bridge of the machine's own engine alone, also when it starts again${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    if (!hasBridge()) {
      execFileSync('ip', ['link', 'add', 'name', 'docker0', 'type', 'bridge']);
      onTestFinished(() => {
        if (hasBridge()) execFileSync('ip', ['link', 'delete', 'docker0']);
      });
    }
    const dockerd = await startDockerd();
    onTestFinished(() => dockerd.stop());
    expect(hasBridge()).toBe(true);
    await dockerd.restart();
    expect(hasBridge()).toBe(true);
  },
);
