import { FlotillaError } from '@flotilla/core';
import type { Cli } from '../cli.ts';

/** Prompts go to stderr: stdout is for data. */
const context = ({ world }: Cli) => ({ input: world.stdin, output: world.stderr });

/** Ctrl-C at a prompt ends the command, not with a stack trace. */
async function asked<T>(prompt: Promise<T>): Promise<T> {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new FlotillaError('CANCELLED', 'Nothing was changed.', { hint: '' });
    throw error;
  }
}

/** Yes or no. Without a terminal nobody can be asked: APPROVAL_REQUIRED names `--yes`. */
export async function confirm(cli: Cli, question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!cli.terminal.interactive)
    throw new FlotillaError(
      'APPROVAL_REQUIRED',
      `${question} Nobody can be asked here; nothing was changed.`,
      {
        hint: 'Read what it would do, then add --yes.',
      },
    );
  const prompts = await import('@inquirer/prompts');
  return asked(prompts.confirm({ message: question, default: false }, context(cli)));
}

export async function askText(cli: Cli, question: string, fallback?: string): Promise<string> {
  const prompts = await import('@inquirer/prompts');
  const options = { message: question, ...(fallback !== undefined && { default: fallback }), required: true };
  return (await asked(prompts.input(options, context(cli)))).trim();
}

/** Shows nothing of what is typed; empty when the person leaves it out. */
export async function askSecret(cli: Cli, question: string): Promise<string> {
  const prompts = await import('@inquirer/prompts');
  return asked(prompts.password({ message: question, mask: '*' }, context(cli)));
}

export interface Choice {
  name: string;
  value: string;
  checked?: boolean;
  disabled?: string;
}

export async function askSome(cli: Cli, question: string, choices: readonly Choice[]): Promise<string[]> {
  const prompts = await import('@inquirer/prompts');
  return asked(prompts.checkbox({ message: question, choices, pageSize: 15 }, context(cli)));
}

export async function askOne(cli: Cli, question: string, choices: readonly Choice[]): Promise<string> {
  const prompts = await import('@inquirer/prompts');
  return asked(prompts.select({ message: question, choices, pageSize: 15 }, context(cli)));
}
