import { setTimeout as delay } from 'node:timers/promises';
import { isOpen, type RunView, type StreamName } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';
import type { HostWriter } from '../terminal/prefixed.ts';

const CHUNK_BYTES = 256 * 1024;
/** Between two looks at the output of a run under way. */
const LOOK_MS = 100;
/** So long it waits for something before that is said. */
const HELD_MS = 1_000;

export interface FollowOptions {
  signal: AbortSignal;
  writer: HostWriter;
  /** Only this host's output. */
  alias?: string | undefined;
  stream?: StreamName | undefined;
  /** The run waits for an answer: called once per question. Without it, following ends there. */
  onQuestion?(view: RunView): Promise<void>;
  /** It does not get on: called once per reason. */
  onHeld?(reason: string): void;
}

type Engine = Pick<RunsEngine, 'runs' | 'get' | 'output'>;

/** Copies what streams have beyond `offsets` to the writer. */
async function drain(
  engine: Engine,
  id: string,
  offsets: Map<string, number>,
  options: FollowOptions,
): Promise<void> {
  const { writer, alias, stream } = options;
  const filter = { ...(alias !== undefined && { alias }), ...(stream !== undefined && { stream }) };
  for (const one of engine.output(id, { ...filter, limit: 1 }).streams) {
    const key = JSON.stringify([one.step, one.alias, one.stream]);
    let offset = offsets.get(key) ?? 0;
    while (offset < one.bytes) {
      const where = { step: one.step, alias: one.alias, stream: one.stream };
      const { read } = engine.output(id, { ...where, offset, limit: CHUNK_BYTES });
      if (read === undefined || read.nextOffset <= offset) break;
      writer.write(one.alias, one.stream, read.text);
      offset = read.nextOffset;
      await writer.ready();
    }
    offsets.set(key, offset);
  }
}

const questionsOf = (view: RunView): string =>
  view.steps
    .filter(({ question }) => question)
    .map(({ key, alias, question }) => `${key} ${alias} ${question?.number}`)
    .join();

/** Tells what a run waits for, once it has waited for a while. */
function heldNotice({ onHeld }: FollowOptions): (view: RunView) => void {
  let since = performance.now();
  let told: string | undefined;
  return ({ waitingFor }) => {
    if (waitingFor === undefined) since = performance.now();
    else if (waitingFor !== told && performance.now() - since > HELD_MS) {
      told = waitingFor;
      onHeld?.(waitingFor);
    }
  };
}

/**
 * Shows a run's output from its beginning until it ends, and returns it as it is then. Returns an open run when the
 * signal aborts or it waits for an answer that nobody here can give.
 */
export async function followRun(engine: Engine, id: string, options: FollowOptions): Promise<RunView> {
  const offsets = new Map<string, number>();
  const { signal, writer } = options;
  let asked = '';
  const held = heldNotice(options);
  for (;;) {
    const view = await engine.runs.wait(id, LOOK_MS, { signal }).catch((error: unknown) => {
      if (signal.aborted) return engine.get(id);
      throw error;
    });
    held(view);
    await drain(engine, id, offsets, options);
    if (!isOpen(view.state) || signal.aborted) {
      writer.end();
      return view;
    }
    const questions = questionsOf(view);
    if (questions === '' || questions === asked) {
      // A run that still waits for an answer is returned at once by wait.
      if (questions !== '') await delay(LOOK_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    if (!options.onQuestion) {
      writer.end();
      return view;
    }
    asked = questions;
    await options.onQuestion(view);
  }
}
