import type { Effect } from '@flotilla/core';
import { type Checked, checkPipeline } from '../check/check.ts';
import { type GivenInputs, openInputs, readInputs } from '../check/inputs.ts';
import type { CheckedCall, Surroundings } from '../check/surroundings.ts';
import type { Problem } from '../definition/problem.ts';
import type { Pipeline, Step, ToolCall } from '../definition/schema.ts';
import { knownArguments, knownText } from '../expression/known-values.ts';
import type { Scope } from '../expression/language.ts';
import { batchesOf } from '../run/batches.ts';

export interface PlannedCall {
  tool: string;
  server?: string;
  effect?: Effect;
  /** A durable run of its own. */
  job?: boolean;
  hosts?: readonly string[];
  /** As far as they are known now. */
  arguments: Record<string, unknown>;
}

export interface PlannedStep extends PlannedCall {
  key: string;
  title?: string;
  needs: readonly string[];
  when: string;
  forEach?: {
    over: string | readonly unknown[];
    batches?: readonly (readonly unknown[])[];
    maxParallel: number;
    stopAfterFailures?: number;
  };
  lock?: string;
  approval?: { prompt: string; expiresSeconds: number };
  undo?: PlannedCall;
  onFailure: 'undo' | 'stop' | 'continue';
}

export interface Plan {
  name: string;
  valid: boolean;
  problems: readonly Problem[];
  /** Keys of steps that may run at the same time, in order. */
  levels: readonly (readonly string[])[];
  steps: readonly PlannedStep[];
  approvals: readonly string[];
  /** Steps with effects that nothing brings back when a later one fails. */
  notUndone: readonly string[];
}

/** What a run would do, as far as it can be said before: no effect. */
export function planPipeline(pipeline: Pipeline, given: GivenInputs, around: Surroundings): Plan {
  const inputs = readInputs(pipeline, given);
  const checked = checkPipeline(pipeline, around, { inputs: openInputs(pipeline, inputs.values) });
  const problems = [...checked.problems, ...inputs.problems];
  const scope: Scope = { inputs: hideSecrets(pipeline, inputs.values) };
  const steps = pipeline.steps.map((step) => planStep(pipeline, step, checked, scope));
  const risky = ({ effect, undo }: PlannedStep): boolean => effect !== 'read' && undo === undefined;
  return {
    name: pipeline.name,
    valid: problems.length === 0,
    problems,
    levels: checked.graph.levels,
    steps,
    approvals: steps.filter(({ approval }) => approval).map(({ key }) => key),
    notUndone: pipeline.onFailure === 'undo' ? steps.filter(risky).map(({ key }) => key) : [],
  };
}

const hideSecrets = (pipeline: Pipeline, values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, pipeline.inputs[name]?.secret ? '[secret]' : value]),
  );

function planStep(pipeline: Pipeline, step: Step, checked: Checked, scope: Scope): PlannedStep {
  const known = checked.steps.get(step.key);
  const hosts = known?.call.hosts?.length ? known.call.hosts : known?.hosts;
  return {
    key: step.key,
    ...(step.title !== undefined && { title: step.title }),
    ...plannedCall(step, known?.call ?? {}, scope),
    ...(hosts && { hosts }),
    needs: step.needs,
    when: step.when,
    ...(step.forEach && { forEach: plannedForEach(step.forEach, known?.hosts) }),
    ...(step.lock !== undefined && { lock: String(knownText(step.lock, scope)) }),
    ...(step.approval && {
      approval: {
        prompt: String(knownText(step.approval.prompt, scope)),
        expiresSeconds: step.approval.expires,
      },
    }),
    ...(step.undo && { undo: plannedCall(step.undo, known?.undo ?? {}, scope) }),
    onFailure: step.onFailure ?? pipeline.onFailure,
  };
}

function plannedCall(call: ToolCall, { tool, effect, hosts }: CheckedCall, scope: Scope): PlannedCall {
  return {
    tool: call.tool,
    ...(tool && { server: tool.server, job: tool.job }),
    ...(effect && { effect }),
    ...(hosts && hosts.length > 0 && { hosts }),
    arguments: knownArguments(call.tool, call.with, scope),
  };
}

function plannedForEach(forEach: NonNullable<Step['forEach']>, hosts: readonly string[] | undefined) {
  const over = 'hosts' in forEach ? forEach.hosts : forEach.items;
  const items = hosts ?? (Array.isArray(over) && !('hosts' in forEach) ? (over as unknown[]) : undefined);
  const { maxParallel, stopAfterFailures } = forEach;
  return {
    over,
    maxParallel,
    ...(stopAfterFailures !== undefined && { stopAfterFailures }),
    ...(items && { batches: batchesOf(items, forEach) }),
  };
}
