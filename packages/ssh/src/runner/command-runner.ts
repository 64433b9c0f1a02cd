import {
  type AttachOptions,
  type CommandRunner,
  type CommandSpec,
  type CommandState,
  FlotillaError,
  type HostDirectory,
  isFlotillaError,
  type Logger,
} from '@flotilla/core';
import { hostChannels } from '../channel/host-channels.ts';
import { createShell } from '../channel/shell.ts';
import { withChannel } from '../channel/with-channel.ts';
import type { HostLinks } from '../links.ts';
import { BoundRuns } from './bound-runs.ts';
import { cancelRun, resultOf, stopLeftovers } from './cancel.ts';
import { canBecomeRoot, elevationFor } from './elevation.ts';
import { createForget } from './forget.ts';
import { HostFollower } from './host-follower.ts';
import { launchText, planLaunch } from './launch.ts';
import { queryRuns } from './query.ts';
import { type StartAnswer, startOn } from './start.ts';
import { refusal, withSent } from './start-failures.ts';
import { hasTerminal, stateOf } from './state-file.ts';
import { answerTerminal } from './terminal-query.ts';
import { openQuestion } from './terminal-watch.ts';

export interface CommandRunnerInput {
  links: HostLinks;
  directory: HostDirectory;
  log: Logger;
}

const ID = /^[A-Za-z0-9_-]{1,120}$/;
const SEEN = { soon: true, started: true };
/** Connections that may be lost while a start is under way. */
const START_TRIES = 3;

/** Detached commands over fast channels; see the runner's decisions in docs/decisions. */
export function createCommandRunner({ links, directory, log }: CommandRunnerInput): CommandRunner {
  const channels = hostChannels(links, log);
  const shell = createShell({ links, directory, log });
  const bound = new BoundRuns({ links, channels, shell, log });
  const forgetRuns = createForget(channels);
  const followers = new Map<string, HostFollower>();

  const follow = (
    alias: string,
    id: string,
    options: AttachOptions,
    how: { soon: boolean; started?: boolean },
  ): Promise<CommandState> => {
    let follower = followers.get(alias);
    if (follower === undefined) {
      follower = new HostFollower(alias, channels, log, async (late, left) => {
        if (!canBecomeRoot(directory.record(alias))) return;
        await stopLeftovers(shell, { alias, id: late, sudo: true, found: left });
      });
      followers.set(alias, follower);
    }
    return follower.follow(id, options, how);
  };

  const attach: CommandRunner['attach'] = (alias, id, options) =>
    bound.get(alias, checked(id))?.ended.then(({ state }) => state) ??
    follow(alias, id, options, { soon: true });

  const status = (alias: string, id: string): Promise<CommandState> =>
    withChannel(channels, alias, async (channel) => {
      const here = bound.get(alias, id);
      if (here !== undefined) return here.terminal.state;
      const report = (await queryRuns(channel, [checked(id)])).get(id);
      if (report === undefined) return { state: 'absent' };
      const state = stateOf(report, channel.hello.boot);
      if (state.state !== 'running' || !hasTerminal(report)) return state;
      const question = await openQuestion(channel, id);
      return question === undefined ? state : { ...state, question };
    });

  const tryStart = async (
    alias: string,
    id: string,
    spec: CommandSpec,
    options: AttachOptions,
    sent: { value: boolean },
  ): Promise<StartAnswer> => {
    const channel = await channels.acquire(alias, options.signal);
    try {
      if (spec.pty !== undefined && !channel.hello.script) return { kind: 'needs_bound_terminal' };
      const elevation = elevationFor(directory.record(alias), spec.sudo);
      const text = launchText(planLaunch(spec, channel.hello, elevation));
      sent.value = true;
      return await startOn(
        channel,
        id,
        { text, timeoutMs: spec.timeoutMs ?? 0, pty: spec.pty !== undefined },
        options,
      );
    } finally {
      channels.release(channel);
    }
  };

  const start: CommandRunner['start'] = async (alias, id, spec, options) => {
    checked(id);
    directory.record(alias);
    const sent = { value: false };
    let answer: StartAnswer | undefined;
    for (let tries = 1; answer === undefined; tries++) {
      try {
        answer = await tryStart(alias, id, spec, options, sent);
      } catch (error) {
        if (!isFlotillaError(error) || error.code !== 'CONNECTION_FAILED') throw error;
        if (!sent.value || tries === START_TRIES) throw withSent(error, sent.value);
        log.debug({ alias, id, err: error }, 'connection lost during a start');
        // The lock on the host decides: the same start again either starts it or says that it was.
      }
    }
    if (answer.kind === 'needs_bound_terminal') {
      const elevation = elevationFor(directory.record(alias), spec.sudo);
      const state = await bound.start(alias, id, spec, elevation, options);
      return state ?? attach(alias, id, options);
    }
    const following = spec.pty === undefined ? options : { ...options, pty: spec.pty };
    return afterStart(alias, id, following, answer, spec.cwd);
  };

  const afterStart = (
    alias: string,
    id: string,
    options: AttachOptions,
    answer: Exclude<StartAnswer, { kind: 'needs_bound_terminal' }>,
    cwd: string | undefined,
  ): Promise<CommandState> | CommandState => {
    switch (answer.kind) {
      case 'refused_by_host':
        throw refusal(alias, answer.reason, cwd);
      case 'ended': {
        const { outcome, got } = answer;
        if (got.stdout === outcome.stdoutBytes && got.stderr === outcome.stderrBytes) {
          return { state: 'ended', outcome };
        }
        return follow(alias, id, { ...options, from: got }, SEEN);
      }
      case 'ended_unclear':
        return follow(alias, id, { ...options, from: answer.got }, SEEN);
      case 'detached':
        return follow(alias, id, options, { soon: answer.ended, started: true });
      case 'exists':
        return follow(alias, id, options, { soon: true });
    }
  };

  return {
    start,
    attach,
    status,
    async cancel(alias, id, options = {}) {
      const here = bound.get(alias, id);
      if (here !== undefined) {
        here.terminal.stop(options.reason ?? 'cancelled', options.graceMs);
        const { survivors } = await here.ended;
        return survivors.length === 0 ? { state: 'stopped' } : { state: 'survivors', survivors };
      }
      const { state, left } = await cancelRun(channels, alias, checked(id), options);
      if (left.length === 0 || !canBecomeRoot(directory.record(alias))) return resultOf(state, left);
      return stopLeftovers(shell, { alias, id, sudo: true, graceMs: options.graceMs, found: left });
    },
    async answer(alias, id, questionNumber, text) {
      checked(id);
      const here = bound.get(alias, id);
      if (here !== undefined) return here.terminal.answer(questionNumber, text);
      const result = await withChannel(channels, alias, (channel) =>
        answerTerminal(channel, id, questionNumber, text),
      );
      if (result === 'ok') return;
      const what = result === 'stale' ? 'That question is no longer asked' : 'The command does not run';
      throw new FlotillaError('CONFLICT', `${what} on ${alias}.`, { details: { alias, id, questionNumber } });
    },
    async forget(alias, ids) {
      if (ids.length === 0) return;
      const ended = ids.filter((id) => bound.get(alias, checked(id)) === undefined);
      await forgetRuns(alias, ended);
    },
  };
}

function checked(id: string): string {
  if (!ID.test(id)) throw new FlotillaError('INVALID_INPUT', 'Not the id of a command.');
  return id;
}
