import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { expect } from 'vitest';
import { describeHosts } from '../support/describe-hosts.ts';
import { collect, newHub, outcomeOf } from '../support/shell-hosts.ts';

describeHosts(
  'lost connections',
  ({ world, it, proxy }) => {
    it('sshd and the channel shell killed in the middle: it ran once, and nothing of it is lost', async () => {
      const id = world.id();
      const command =
        'echo ran >>"$HOME/once"; i=0; while [ $i -lt 12 ]; do echo $i; i=$((i+1)); sleep 0.1; done; echo e >&2; exit 6';
      const following = world.run(command, id);
      await waitFor(() => world.state(id).length >= 2);
      world.sshd.killSessions();
      const seen = await following;
      expect(seen.stdout).toBe(Array.from({ length: 12 }, (_, index) => `${index}\n`).join(''));
      expect(seen.stderr).toBe('e\n');
      expect(outcomeOf(seen).exitCode).toBe(6);
      expect((await world.shell('web', 'cat "$HOME/once"; rm "$HOME/once"')).stdout).toBe('ran\n');
    });

    it('the process that started it is gone: another one finds the end', async () => {
      const id = world.id();
      const first = newHub(world.directory);
      const begun = collect({}, (events) =>
        first.runner.start('web', id, { command: 'sleep 0.6; echo done; exit 3' }, events),
      );
      await waitFor(() => world.state(id).length >= 2);
      await first.links.close();
      await expect(begun).rejects.toBeDefined();
      const seen = await world.attach(id);
      expect(seen.stdout).toBe('done\n');
      expect(outcomeOf(seen).exitCode).toBe(3);
    });

    it('cut at any moment of a start: it runs at most once and is told truly', async () => {
      for (let delay = 0; delay < 12; delay++) {
        const id = world.id();
        const cutting = setTimeout(() => proxy.cut(), delay);
        const seen = await world.run('echo ran >>"$HOME/cut"; echo out; exit 4', id);
        clearTimeout(cutting);
        expect(seen.stdout).toBe('out\n');
        expect(outcomeOf(seen).exitCode).toBe(4);
        expect((await world.shell('web', 'cat "$HOME/cut"; rm "$HOME/cut"')).stdout).toBe('ran\n');
      }
    });

    it('a limit holds when the shell of the channel was killed before its watchdog was there', async () => {
      const id = world.id();
      const hub = newHub(world.directory);
      const begun = collect({}, (events) =>
        hub.runner.start('web', id, { command: 'sleep 43', timeoutMs: 1_200 }, events),
      );
      await waitFor(() => world.state(id).length >= 2);
      world.sshd.killSessions();
      expect(outcomeOf(await begun)).toMatchObject({ timedOut: true });
      await hub.links.close();
    });

    it('a host that does not answer: CONNECTION_FAILED, and whether anything was sent', async () => {
      proxy.cut();
      proxy.refuse(true);
      try {
        const failed = world.run('echo never', world.id());
        await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_FAILED', details: { sent: false } });
        await expect(world.runner.status('web', world.id())).rejects.toMatchObject({
          code: 'CONNECTION_FAILED',
        });
        await expect(world.runner.cancel('web', world.id())).rejects.toMatchObject({
          code: 'CONNECTION_FAILED',
        });
        await expect(world.attach(world.id())).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
      } finally {
        proxy.refuse(false);
      }
      expect((await world.run('echo again')).stdout).toBe('again\n');
    });

    it('the host itself arms the watchdog when its channel is closed in the first moments', async () => {
      const id = world.id();
      const hub = newHub(world.directory);
      const begun = collect({}, (events) =>
        hub.runner.start('web', id, { command: 'sleep 44', timeoutMs: 1_000 }, events),
      ).catch(() => undefined);
      await waitFor(() => world.state(id).length >= 2);
      hub.links.drop('web');
      await hub.links.close();
      await begun;
      await waitFor(() => world.state(id).some((line) => line.startsWith('end ')));
      expect(readFileSync(join(world.runs, `${id}.k`), 'utf8')).toBe('timeout\n');
    });
  },
  { behindProxy: true },
);
