import type { AnyTool } from './define-tool.ts';

/** Aliases and target words that the input names, for the gate, the audit and the run. */
export function aliasesOf(tool: AnyTool, input: Record<string, unknown>): readonly string[] {
  const named = tool.targets === undefined ? input['alias'] : tool.targets(input);
  if (typeof named === 'string') return [named];
  return Array.isArray(named) ? named.filter((alias) => typeof alias === 'string') : [];
}
