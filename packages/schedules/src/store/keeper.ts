import {
  FlotillaError,
  type KnownTool,
  listed,
  nearest,
  type Principal,
  type ServiceHost,
} from '@flotilla/core';
import type { ToolFinder } from '../fire/find-tool.ts';
import type { Before } from '../plan/compose.ts';
import { dueAfter } from './decide.ts';
import { newScheduleId, type ScheduleStore } from './schedule-store.ts';
import { openCall, sealCall, secretValues, shownArgs } from './sealed-call.ts';
import type { Definition, Schedule, ScheduledCall } from './types.ts';

export interface Kept {
  name: string;
  before: Schedule | undefined;
  definition: Definition;
  call: ScheduledCall;
  enabled: boolean | undefined;
  /** Checks everything, stores nothing. */
  dryRun: boolean;
  signal: AbortSignal;
}

/** Takes schedules into the book and out again: checked, admitted, sealed. */
export interface Keeper {
  opened(schedule: Schedule): Before & { call: ScheduledCall };
  /** NOT_FOUND, INVALID_INPUT, DENIED and the like as the call itself would answer; CONFLICT. */
  save(kept: Kept): Promise<Schedule>;
  /** May this reader see what its calls have answered? */
  mayRead(schedule: Schedule, reader: Principal): boolean;
  /** Sealed for a firing of this schedule. */
  seal(schedule: Schedule, call: ScheduledCall): string;
}

export function createKeeper(host: ServiceHost, schedules: ScheduleStore, tools: ToolFinder): Keeper {
  const seal = (id: string, call: ScheduledCall): string => sealCall(host.cipher, id, call);
  const opened: Keeper['opened'] = (schedule) => {
    const sealed = schedules.call(schedule.id);
    if (sealed === undefined) throw new FlotillaError('CONFLICT', `${schedule.name} was removed meanwhile.`);
    const call = openCall(host.cipher, schedule.id, sealed);
    return { definition: schedule.definition, args: call.args, call };
  };
  return {
    opened,
    mayRead(schedule, reader) {
      const known = host.calls.find(schedule.definition.tool);
      if (!known) return false;
      try {
        return host.refusesCall(known, opened(schedule).args, reader) === undefined;
      } catch {
        return false;
      }
    },
    seal: ({ id }, call) => seal(id, call),
    async save({ name, before, definition, call, enabled = before?.enabled ?? true, dryRun, signal }) {
      const known = admitted(host, await tools.find(call.tool, signal), call);
      for (const value of secretValues(call.args, known.secretPaths)) host.redactor.add(value);
      const id = before?.id ?? newScheduleId();
      const now = Date.now();
      const schedule: Schedule = {
        ...{ id, name, definition, enabled, addedAt: before?.addedAt ?? now, changedAt: now },
        shown: shownArgs(call.args, known.secretPaths, host.redactor),
        owner: call.principal.id,
        revision: (before?.revision ?? 0) + 1,
        failures: 0,
        ...timing(before, { id, definition, enabled }, now),
      };
      const { dueAt } = schedule;
      if (!dryRun) await schedules.save({ ...schedule, dueAt, call: seal(id, call) }, before?.revision ?? 0);
      return schedule;
    },
  };
}

/** A schedule that goes on by the same times keeps its place in them; any other begins now. */
function timing(
  before: Schedule | undefined,
  after: Pick<Schedule, 'id' | 'definition' | 'enabled'>,
  now: number,
): Pick<Schedule, 'decidedAt' | 'dueAt'> {
  const goesOn =
    before?.enabled === true &&
    before.definition.zone === after.definition.zone &&
    JSON.stringify(before.definition.when) === JSON.stringify(after.definition.when);
  const decidedAt = goesOn ? before.decidedAt : now;
  if (!after.enabled) return { decidedAt };
  const overdue = goesOn && before.dueAt !== undefined && before.dueAt <= now;
  const dueAt = overdue ? before.dueAt : dueAfter(after, now);
  return { decidedAt, ...(dueAt !== undefined && { dueAt }) };
}

function admitted(
  { calls, refusesCall }: ServiceHost,
  known: KnownTool | undefined,
  { tool, args, principal }: ScheduledCall,
): KnownTool {
  if (!known) {
    const names = calls.names();
    throw new FlotillaError('NOT_FOUND', `There is no tool ${JSON.stringify(tool)}.`, {
      details: { tool, nearest: nearest(tool, names) },
      hint: `Nearest: ${nearest(tool, names)}. Tools here: ${listed([...names].sort())}.`,
    });
  }
  if (known.server === 'schedules')
    throw new FlotillaError('INVALID_INPUT', 'A schedule cannot call the tools of schedules.', {
      hint: 'Schedule what is to be done itself.',
    });
  const refusal = refusesCall(known, args, principal);
  if (refusal) throw refusal;
  return known;
}
