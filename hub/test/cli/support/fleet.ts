import { startSshd, type TestSshd } from '@flotilla/testkit';
import { createMachine, type Machine } from './cli.ts';

export interface Fleet {
  sshd: TestSshd;
  machine: Machine;
  flotilla: Machine['flotilla'];
  stop(): Promise<void>;
}

/** A real sshd, and a machine on which it is registered under these aliases. */
export async function startFleet(aliases: readonly string[] = ['web1']): Promise<Fleet> {
  const sshd = await startSshd();
  const machine = createMachine();
  for (const alias of aliases) {
    const address = `${sshd.user}@${sshd.host}:${sshd.port}`;
    const added = await machine.flotilla(['host', 'add', alias, address, '--key', sshd.keyPath]);
    if (added.code !== 0) throw new Error(added.stderr);
  }
  return {
    sshd,
    machine,
    flotilla: machine.flotilla,
    async stop() {
      machine.remove();
      await sshd.stop();
    },
  };
}
