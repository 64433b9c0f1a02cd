import type { Command } from 'commander';

/** What an operand of a command names, by its name in the usage. */
export type Operand = 'host' | 'run' | 'tool' | 'schedule' | 'path' | 'none';

const OPERANDS: Record<string, Operand> = {
  hosts: 'host',
  host: 'host',
  alias: 'host',
  aliases: 'host',
  id: 'run',
  tool: 'tool',
  search: 'tool',
  schedule: 'schedule',
  source: 'path',
  target: 'path',
};

export interface Candidates {
  /** Fixed words: commands and options. */
  words: string[];
  /** What else fits here, to be looked up. */
  operand: Operand;
}

function descend(program: Command, words: readonly string[]): { command: Command; operands: number } {
  let command = program;
  let operands = 0;
  for (const word of words) {
    if (word.startsWith('-')) continue;
    const next = operands === 0 ? command.commands.find((one) => matches(one, word)) : undefined;
    if (next) command = next;
    else operands += 1;
  }
  return { command, operands };
}

const matches = (command: Command, word: string): boolean =>
  command.name() === word || command.aliases().includes(word);

/** What can follow `words` (all complete), when the word under the cursor begins with `current`. */
export function candidates(program: Command, words: readonly string[], current: string): Candidates {
  if (words.includes('--')) return { words: [], operand: 'none' };
  const { command, operands } = descend(program, words);
  const option = command.options.find(({ long, short }) => words.at(-1) === long || words.at(-1) === short);
  if (option?.required) {
    const isHost = option.long === '--host' || option.long === '--jump';
    return { words: option.argChoices ?? [], operand: isHost ? 'host' : 'none' };
  }
  if (current.startsWith('-'))
    return {
      words: command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : [])),
      operand: 'none',
    };
  if (command.commands.length > 0)
    return { words: command.commands.map((one) => one.name()), operand: 'none' };
  const { registeredArguments: all } = command;
  const argument = all[operands] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  return { words: argument?.argChoices ?? [], operand: OPERANDS[argument?.name() ?? ''] ?? 'none' };
}
