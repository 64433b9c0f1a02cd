import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../hub.ts';
import type { OpenOptions } from './open.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { World } from './world.ts';

/** What every command works with. */
export interface Cli {
  world: World;
  terminal: Terminal;
  /** The words behind `--`; undefined when there is no `--`. */
  afterDashes: readonly string[] | undefined;
  /** Opens this process's hub on the data folder for the time of `use`. */
  withHub<T>(options: OpenOptions, use: (hub: Hub, base: ProcessBase) => Promise<T>): Promise<T>;
  /** Config and identity alone. */
  base(): Promise<ProcessBase>;
  /** Set by the command that ran. */
  exitCode: number;
}

/** Loads what opens a hub only when a command needs it: help and usage errors come at once. */
export function createCli(world: World, terminal: Terminal, afterDashes?: readonly string[]): Cli {
  return {
    world,
    terminal,
    afterDashes,
    exitCode: 0,
    withHub: async (options, use) => (await import('./open.ts')).withHub(world, options, use),
    base: async () => (await import('./open.ts')).openBase(world),
  };
}
