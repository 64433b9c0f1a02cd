import { setTimeout as delay } from 'node:timers/promises';
import { isOpen, type RunView } from '@flotilla/core';
import { type RunReport, reportText } from '@flotilla/pipelines';
import type { Pipeline } from '@flotilla/pipelines/read';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { callTool } from '../calls/call-tool.ts';
import { showRun } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { answerApproval } from './answer-approval.ts';
import { leftNote } from './left-note.ts';
import { LiveLines } from './live-lines.ts';
import { changedLines, viewLines } from './view.ts';

const LOOK_MS = 200;

/**
 * Shows a run of a pipeline as it gets on, asks the person at the terminal for approvals, and shows what it came to.
 * Ctrl-C leaves the run to itself. Returns the exit code.
 */
export async function watchRun(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  id: string,
  pipeline: Pipeline,
  json: boolean,
): Promise<number> {
  const { engine } = hub.runtime.services;
  const { terminal } = cli;
  const interrupt = onInterrupt();
  const show = json ? () => {} : shower(cli, pipeline);
  let view = engine.get(id);
  try {
    for (; isOpen(view.state) && !interrupt.signal.aborted; view = engine.get(id)) {
      show(view);
      const asked = view.steps.some(({ question }) => question?.approval);
      if (asked && terminal.interactive && !json) {
        show(undefined);
        await answerApproval(cli, hub, base, view);
      } else await delay(LOOK_MS, undefined, { signal: interrupt.signal }).catch(() => {});
    }
    show(view);
  } finally {
    show(undefined);
    interrupt.release();
  }
  if (isOpen(view.state)) {
    if (json) terminal.json({ run: { id } });
    terminal.note(leftNote(id));
    return EXIT.interrupted;
  }
  return showEnd(cli, hub, base, view, json);
}

async function showEnd(
  cli: Cli,
  hub: Hub,
  base: ProcessBase,
  { id, output, state }: RunView,
  json: boolean,
): Promise<number> {
  if (!output) {
    const code = showRun(cli.terminal, await callTool(cli, hub, base, 'task_status', { id }), json);
    return code === EXIT.ok && state !== 'succeeded' ? EXIT.failed : code;
  }
  if (json) cli.terminal.json({ runId: id, ...output });
  else cli.terminal.print(reportText(output as RunReport));
  return state === 'succeeded' ? EXIT.ok : EXIT.failed;
}

/** Draws the steps in place on a terminal, a line for each change elsewhere. Undefined: makes room for others. */
function shower({ terminal, world }: Cli, pipeline: Pipeline): (view: RunView | undefined) => void {
  if (terminal.progress) {
    const live = new LiveLines(world.stderr);
    return (view) => {
      if (view) live.draw(viewLines(pipeline, view, terminal.noteColor, world.stderr.columns ?? 80));
      else live.clear();
    };
  }
  const said = new Map<string, string>();
  let waiting: string | undefined;
  return (view) => {
    if (!view) return;
    for (const [key, text] of changedLines(said, pipeline, view)) {
      said.set(key, text);
      terminal.note(text);
    }
    if (view.waitingFor !== waiting && view.waitingFor !== undefined) terminal.note(view.waitingFor);
    waiting = view.waitingFor;
  };
}
