import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AttachOptions,
  CommandOutcome,
  CommandRunner,
  CommandSpec,
  CommandState,
  HostRecord,
} from '@flotilla/core';
import { silentLogger } from '@flotilla/core';
import { startBusyboxHost, startSshd, type TestSshd, tempDir, whyNoBusybox } from '@flotilla/testkit';
import {
  createCommandRunner,
  createHostLinks,
  createShell,
  type HostLinks,
  type LinkSettings,
  type Shell,
} from '../../src/index.ts';
import { hostOf, type TestDirectory, testDirectory } from './directory.ts';

export type ShellHost = 'bash' | 'dash' | 'busybox';

/** The three kinds of host: bash >= 5 runs the channel, only dash is there, only busybox is there. */
export const SHELL_HOSTS: readonly ShellHost[] = ['bash', 'dash', 'busybox'];

/** Why a host of this kind cannot be had here. */
export function whyNot(kind: ShellHost): string | undefined {
  return kind === 'busybox' ? whyNoBusybox() : undefined;
}

export interface World {
  sshd: TestSshd;
  directory: TestDirectory;
  links: HostLinks;
  runner: CommandRunner;
  shell: Shell;
  /** `~/.flotilla/runs` as this machine sees it. */
  runs: string;
  /** A new id. */
  id(): string;
  /** Starts and follows a command to its end. */
  run(spec: CommandSpec | string, id?: string, options?: AttachOptions): Promise<Followed>;
  /** Follows a command that runs already. */
  attach(id: string, options?: AttachOptions): Promise<Followed>;
  /** Lines of the state file of a run. */
  state(id: string): string[];
  stop(): Promise<void>;
}

export interface Followed {
  state: CommandState;
  stdout: string;
  stderr: string;
}

let count = 0;

export interface WorldOptions {
  record?: Partial<HostRecord>;
  config?: readonly string[];
  settings?: Partial<LinkSettings>;
  user?: string;
  /** Its home folder. */
  home?: string;
  port?(sshd: TestSshd): Promise<number>;
}

export async function startWorld(kind: ShellHost, options: WorldOptions = {}): Promise<World> {
  const place = kind === 'busybox' ? await busyboxPlace(options) : await sshdPlace(kind, options);
  const { sshd } = place;
  const port = options.port === undefined ? sshd.port : await options.port(sshd);
  const directory = testDirectory({ ...hostOf(sshd, 'web'), port, ...options.record });
  const { links, runner, shell } = newHub(directory, options.settings);
  const runs = join(place.root, options.home ?? sshd.home, '.flotilla/runs');
  return {
    sshd,
    directory,
    links,
    runner,
    shell,
    runs,
    id: () => `t${process.pid}-${Date.now()}-${count++}`,
    run: (spec, id = `t${process.pid}-${Date.now()}-${count++}`, more = {}) =>
      collect(more, (events) =>
        runner.start('web', id, typeof spec === 'string' ? { command: spec } : spec, events),
      ),
    attach: (id, more = {}) => collect(more, (events) => runner.attach('web', id, events)),
    state: (id) => {
      const file = join(runs, `${id}.s`);
      return existsSync(file) ? readFileSync(file, 'latin1').trimEnd().split('\n') : [];
    },
    stop: async () => {
      await links.close();
      await sshd.stop();
      place.remove();
    },
  };
}

/** What one process of ours has: its own connections and runner. */
export function newHub(directory: TestDirectory, settings?: Partial<LinkSettings>) {
  const log = silentLogger;
  const links = createHostLinks({ directory, log, ...(settings && { settings }) });
  const input = { links, directory, log };
  return { links, runner: createCommandRunner(input), shell: createShell(input) };
}

/** Follows with `begin`, gathering the output and checking that its offsets leave no gap. */
export async function collect(
  options: AttachOptions,
  begin: (options: AttachOptions) => Promise<CommandState>,
): Promise<Followed> {
  const text = { stdout: '', stderr: '' };
  const next = { stdout: options.from?.stdout ?? 0, stderr: options.from?.stderr ?? 0 };
  const state = await begin({
    ...options,
    onOutput: (stream, offset, chunk) => {
      if (offset !== next[stream]) throw new Error(`${stream}: ${offset} after ${next[stream]}`);
      next[stream] += chunk.length;
      text[stream] += Buffer.from(chunk).toString('latin1');
      options.onOutput?.(stream, offset, chunk);
    },
  });
  return { state, ...text };
}

export function outcomeOf({ state }: { state: CommandState }): CommandOutcome {
  if (state.state !== 'ended') throw new Error(`not ended: ${JSON.stringify(state)}`);
  return state.outcome;
}

interface Place {
  sshd: TestSshd;
  /** Folder that is `/` on the host. */
  root: string;
  remove(): void;
}

async function busyboxPlace({ config = [] }: WorldOptions): Promise<Place> {
  const sshd = await startBusyboxHost({ config });
  return { sshd, root: sshd.root, remove: () => undefined };
}

async function sshdPlace(kind: 'bash' | 'dash', { config = [], user }: WorldOptions): Promise<Place> {
  const folder = tempDir('flotilla-shell-');
  const who = user === undefined ? {} : { user };
  if (kind === 'bash') {
    return { sshd: await startSshd({ config, ...who }), root: '', remove: () => folder.remove() };
  }
  const path = join(folder.path, 'bin');
  const home = join(folder.path, 'home');
  mkdirSync(path);
  mkdirSync(home);
  for (const name of readdirSync('/usr/bin')) {
    if (name !== 'bash' && name !== 'rbash') symlinkSync(join('/usr/bin', name), join(path, name));
  }
  const environment = user === undefined ? ` HOME=${home}` : '';
  const sshd = await startSshd({ config: [...config, `SetEnv PATH=${path}${environment}`], ...who });
  return { sshd: user === undefined ? { ...sshd, home } : sshd, root: '', remove: () => folder.remove() };
}
