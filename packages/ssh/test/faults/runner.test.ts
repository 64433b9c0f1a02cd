import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startProxy, type TestProxy, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcomeOf, SHELL_HOSTS, startWorld, type World, whyNot } from '../support/shell-hosts.ts';

const COMMANDS = 20;
const KILLS = 10;

describe.each(SHELL_HOSTS)('connections of a %s host die at random', (kind) => {
  const reason = whyNot(kind);
  let world: World;
  let proxy: TestProxy;
  beforeAll(async () => {
    if (reason !== undefined) return;
    world = await startWorld(kind, {
      port: async (sshd) => {
        proxy = await startProxy({ port: sshd.port });
        return proxy.port;
      },
    });
  });
  afterAll(async () => {
    await world?.stop();
    await proxy?.stop();
  });

  test.skipIf(reason !== undefined)(
    'every command ran once, with its whole output and its own code',
    async () => {
      const root = kind === 'busybox' ? '/tmp' : world.sshd.home;
      const commands = Array.from({ length: COMMANDS }, (_, index) => {
        const id = world.id();
        const lines = 3 + (index % 5);
        const command = `echo ran >>"${root}/effects-${id}"; i=0; while [ $i -lt ${lines} ]; do echo line $i; echo error $i >&2; i=$((i+1)); sleep 0.${index % 4}; done; exit ${index}`;
        return { id, lines, index, command };
      });
      let following = true;
      const faults = (async () => {
        for (let kill = 0; kill < KILLS && following; kill++) {
          const until = performance.now() + Math.random() * 300;
          await waitFor(() => performance.now() > until);
          if (kill % 2 === 0) proxy.cut();
          else world.sshd.killSessions();
        }
      })();
      const follow = async (id: string, command: string) => {
        for (;;) {
          try {
            return await world.run(command, id);
          } catch {
            // What the engine does: ask again. The lock on the host decides.
          }
        }
      };
      await Promise.all(
        commands.map(async ({ id, lines, index, command }) => {
          const seen = await follow(id, command);
          expect(outcomeOf(seen).exitCode).toBe(index);
          expect(seen.stdout).toBe(Array.from({ length: lines }, (_, line) => `line ${line}\n`).join(''));
          expect(seen.stderr).toBe(Array.from({ length: lines }, (_, line) => `error ${line}\n`).join(''));
        }),
      );
      following = false;
      await faults;
      for (const { id } of commands) {
        const folder = kind === 'busybox' ? join(world.runs, '../../..') : root;
        const file = join(folder, `effects-${id}`);
        expect(readFileSync(file, 'latin1')).toBe('ran\n');
        unlinkSync(file);
      }
    },
    120_000,
  );
});
