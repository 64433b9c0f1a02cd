import { formatBytes, formatDuration } from '@flotilla/core';
import { LABEL } from '../compose/labels.ts';
import { hideInText } from '../compose/secret-values.ts';
import { type ContainerDetails, detailsName } from '../containers/details.ts';
import { exitMeaning } from '../containers/exit-code.ts';
import { cell } from '../text.ts';
import type { Problem } from './problem.ts';

const LOOP_RESTARTS = 3;
/** A container that restarted often but runs for so long now is well again. */
const CALM_MS = 10 * 60_000;
/** Exit codes of a container that was asked to stop. */
const ASKED = new Set([0, 137, 143]);

/** What is wrong with one container of a host; `now`: epoch milliseconds of the hub. */
export function judgeContainer(alias: string, details: ContainerDetails, now: number): Problem[] {
  const { State: state } = details;
  const name = detailsName(details);
  const project = details.Config.Labels?.[LABEL.project];
  const who = { container: name, ...(project && { project }) };
  const policy = details.HostConfig?.RestartPolicy?.Name || 'no';
  const problems: Problem[] = [];
  const add = (
    severity: Problem['severity'],
    kind: Problem['kind'],
    what: string,
    next: string,
    evidence: string[] = [],
  ): void => {
    problems.push({
      severity,
      kind,
      ...who,
      what,
      evidence: evidence.map((line) => hideInText(cell(line, 500))),
      next,
    });
  };
  const logs = `get_docker_logs {"alias": "${alias}", "container": "${name}"}`;
  const loops = isLooping(details, now);
  const meaning = `exit code ${state.ExitCode}: ${exitMeaning(state.ExitCode, state.OOMKilled === true)}`;

  if (loops)
    add(
      'critical',
      'restart_loop',
      `keeps restarting: ${details.RestartCount} restarts, last ${meaning}`,
      logs,
    );
  if (state.OOMKilled) {
    const limit = details.HostConfig?.Memory;
    const bound = limit
      ? `its limit is ${formatBytes(limit)}`
      : 'it has no limit of its own: the host ran out';
    add(
      state.Running ? 'warning' : 'critical',
      'out_of_memory',
      `was killed for lack of memory; ${bound}`,
      'Give it more (docker_update), or find the leak: docker_stats.',
    );
  }
  if (state.Running && state.Health?.Status === 'unhealthy') {
    const outputs = (state.Health.Log ?? [])
      .slice(-1)
      .map(({ ExitCode, Output }) => `health check, exit ${ExitCode ?? '?'}: ${Output ?? ''}`);
    add(
      'critical',
      'unhealthy',
      `is unhealthy: its check failed ${state.Health.FailingStreak ?? 0} times in a row`,
      logs,
      outputs,
    );
  }
  if (state.Error && !state.Running)
    add(
      'critical',
      'cannot_start',
      'the engine could not start it',
      'The engine says why; docker_start tries again.',
      [state.Error],
    );
  if (state.Dead || state.Status === 'dead')
    add('warning', 'dead', 'is dead: its removal failed half-way', 'docker_remove with force.');
  if (state.Paused)
    add(
      'info',
      'paused',
      'is paused: it answers nothing until somebody resumes it',
      'docker unpause on the host.',
    );
  if (!loops && problems.length === 0 && state.Status === 'exited' && !ASKED.has(state.ExitCode)) {
    const ago = Date.parse(state.FinishedAt ?? '');
    const when = Number.isFinite(ago) && ago > 0 && now > ago ? `, ${formatDuration(now - ago)} ago` : '';
    const kept = policy !== 'no' && policy !== 'on-failure';
    add(
      kept ? 'critical' : 'warning',
      'exited',
      `ended with ${meaning}${when}${kept ? `, although it should always run (${policy})` : ''}`,
      logs,
    );
  }
  return problems;
}

function isLooping({ State: state, RestartCount: count }: ContainerDetails, now: number): boolean {
  if (state.Restarting) return count > 0;
  const started = Date.parse(state.StartedAt ?? '');
  return count >= LOOP_RESTARTS && state.Running && now - started < CALM_MS;
}
