import { FlotillaError, type RunView } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { cliPrincipal } from '../principal.ts';
import { questionText } from '../runs/questions.ts';
import { askOne } from '../terminal/ask.ts';

const CHOICES = [
  { name: 'no: it must not be done', value: 'no' },
  { name: 'yes: do exactly this', value: 'yes' },
];

/** Shows what a run wants to do and asks the person at the terminal. DENIED where there is none. */
export async function answerApproval(cli: Cli, hub: Hub, base: ProcessBase, view: RunView): Promise<void> {
  const asking = view.steps.filter(({ question }) => question?.approval);
  if (asking.length === 0)
    throw new FlotillaError('CONFLICT', `${view.id} asks for no approval; it is ${view.state}.`, {
      hint: `flotilla task show ${view.id}`,
    });
  if (!cli.terminal.interactive)
    throw new FlotillaError('DENIED', 'An approval is given at a terminal, by a person.', {
      hint: `In a terminal: flotilla pipeline approve ${view.id}`,
    });
  for (const step of asking) {
    cli.terminal.note(questionText({ ...view, steps: [step] }));
    const answer = await askOne(cli, `May ${step.key.replace(/\.ask$/, '')} run?`, CHOICES);
    const entry = {
      tool: 'pipeline_approve',
      effect: 'write' as const,
      aliases: view.aliases,
      args: { id: view.id, step: step.key, answer, digest: step.question?.approval?.digest },
    };
    await audited(hub, base, entry, () =>
      hub.runtime.services.engine.answer(view.id, { answer, step: step.key }, cliPrincipal(base)),
    );
    cli.terminal.note(`${answer === 'yes' ? 'Approved' : 'Refused'}.`);
  }
}
