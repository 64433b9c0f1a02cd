import { readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { expect } from 'vitest';
import { describeHosts } from '../support/describe-hosts.ts';
import { outcomeOf } from '../support/shell-hosts.ts';

const COMMANDS = 20;
const KILLS = 10;

describeHosts(
  'connections that die at random',
  ({ world, it, proxy, kind }) => {
    it('every command ran once, with its whole output and its own code', async () => {
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
    }, 120_000);
  },
  { behindProxy: true },
);
