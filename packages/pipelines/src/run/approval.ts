import { createHash } from 'node:crypto';
import { FlotillaError, fenceRemote } from '@flotilla/core';
import type { Step } from '../definition/schema.ts';
import { knownArguments } from '../expression/known-values.ts';
import { renderArguments, renderText, valuesIn } from '../expression/render.ts';
import type { Item } from './run-item.ts';
import type { Running } from './running.ts';
import { callScope, openScope } from './scope.ts';

const SHOWN_ITEMS = 20;
const SHOWN_TEXT = 4_000;

/**
 * Waits until a person allows the calls of a step as they would be made now: tool, arguments and the hosts that words like
 * `group:web` stand for. Throws what `step.approval` throws.
 */
export async function askForApproval(
  on: Running,
  step: Step,
  { prompt, expires }: NonNullable<Step['approval']>,
  items: readonly Item[],
): Promise<void> {
  const secrets = Object.fromEntries(Object.keys(on.secrets).map((name) => [name, `[secret ${name}]`]));
  const calls = items.map((item) => {
    const scope = { ...callScope(on, item), secrets };
    return {
      args: on.host.redactor.value(renderArguments(step.tool, step.with, valuesIn(scope))),
      shown: on.host.redactor.value(knownArguments(step.tool, step.with, scope)),
    };
  });
  const look = (): string[][] => calls.map(({ args }) => hostsOf(on, step.tool, args));
  const hosts = look();
  const digest = digestOf({ tool: step.tool, calls: calls.map(({ args }) => args), hosts });
  const words = String(renderText(prompt, valuesIn(openScope(on))));
  const shown = calls.slice(0, SHOWN_ITEMS).map((call, index) => {
    const where = hosts[index]?.length ? ` on ${hosts[index].slice(0, 20).join(', ')}` : '';
    return `${step.tool}${where} ${JSON.stringify(call.shown).slice(0, SHOWN_TEXT)}`;
  });
  if (calls.length > shown.length) shown.push(`… and ${calls.length - shown.length} more`);
  const about = fenceRemote([words, ...shown].join('\n'), 'what would be done');
  await on.job.step.approval(`${step.key}.ask`, {
    prompt: `${on.pipeline.name}, step ${step.key}:\n${about}`,
    digest,
    expiresMs: expires * 1000,
  });
  // Days may have passed.
  if (JSON.stringify(look()) === JSON.stringify(hosts)) return;
  throw new FlotillaError('CONFLICT', 'The hosts are not those any more that a person approved.');
}

/** Hosts of a call by name, sorted: a group that grew is another thing than what was approved. */
function hostsOf(on: Running, tool: string, args: Record<string, unknown>): string[] {
  const known = on.host.calls.find(tool);
  const { aliases = [] } = known?.check(args) ?? {};
  return aliases.length === 0
    ? []
    : on.host.hosts
        .resolve(aliases)
        .map(({ alias }) => alias)
        .toSorted();
}

/** Of the JSON with its keys sorted, secrets masked. */
export function digestOf(value: unknown): string {
  const sorted = JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
  return createHash('sha256').update(sorted).digest('hex');
}
