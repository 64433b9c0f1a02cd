import type { Cli } from '../cli.ts';
import type { Common } from '../define.ts';
import { callTool } from './call-tool.ts';
import { showAnswer } from './show-answer.ts';

/** A command that is one tool call, answered as the tool answers. Undefined arguments are left out. */
export async function passThrough(
  cli: Cli,
  options: Common,
  tool: string,
  args: Record<string, unknown>,
): Promise<number> {
  return cli.withHub({ verbose: options.verbose === true }, async (hub, base) => {
    const answer = await callTool(cli, hub, base, tool, given(args));
    return showAnswer(cli.terminal, answer, options.json === true);
  });
}

export const given = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
