import { type AnyTool, defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { type HostToolsDeps, isPerson } from './deps.ts';

export function serverRemove(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_remove',
    title: 'Forget a host',
    description:
      'Forgets a host with its secrets, pinned key, tags and group memberships; nothing on the host itself changes. ' +
      'Refused while runs on it are open or while it is the bastion of others. ' +
      'With force a person removes it in spite of open runs, whose outcome is then not followed any more.',
    effect: 'destroy',
    openWorld: false,
    input: z.object({
      alias: HostAlias,
      force: z.boolean().default(false).describe('Although runs are open; only a person may'),
    }),
    output: z.object({
      alias: z.string(),
      host: z.string(),
      user: z.string(),
      port: z.number(),
      groups: z.array(z.string()).describe('Groups that it left'),
      openRuns: z.array(z.string()).describe('Runs that are not followed any more'),
    }),
    run: async ({ principal }, { alias, force }) => {
      const person = isPerson(principal);
      deps.inventory.get(alias);
      const openRuns = deps.engine.list({ alias, limit: 100 }).runs.map((run) => run.id);
      if (openRuns.length > 0 && !(force && person)) throw stillInUse(alias, openRuns, force);
      const removed = await deps.inventory.remove(alias, { person });
      deps.links.drop(alias);
      const { host, user, port, groups } = removed;
      return { alias, host, user, port, groups, openRuns };
    },
    text: ({ alias, host, user, port, openRuns }) => {
      const runs = openRuns.length > 0 ? ` Not followed any more: ${openRuns.join(', ')}.` : '';
      return `${alias} (${user}@${host} port ${port}) is forgotten; nothing on the host was changed.${runs}`;
    },
  });
}

function stillInUse(alias: string, runs: string[], forced: boolean): FlotillaError {
  const message = `${alias} has ${runs.length} open run${runs.length === 1 ? '' : 's'}: ${runs.slice(0, 5).join(', ')}.`;
  if (!forced) {
    return new FlotillaError('CONFLICT', message, {
      details: { alias, runs },
      hint: 'Wait for them (task_wait) or cancel them (task_cancel), then remove the host.',
    });
  }
  return new FlotillaError('APPROVAL_REQUIRED', `${message} Only a person can remove it in spite of that.`, {
    details: { alias, runs },
    hint: `Nothing was changed. A person runs it at a terminal: flotilla host remove ${alias} --force`,
  });
}
