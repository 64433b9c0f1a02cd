import { FlotillaError, type PublishedTool } from '@flotilla/core';
import type { Connection } from './connection.ts';
import { checkTool } from './tool-schema.ts';

const MAX_PAGES = 64;
const MAX_TOOLS = 1_000;
const MAX_ISSUES = 20;

export interface ToolList {
  tools: readonly PublishedTool[];
  /** What was left out and why. */
  issues: readonly string[];
}

/** The whole list of a mounted server. A list that cannot be trusted is refused with CONFLICT; single bad tools are left out. */
export async function fetchTools(connection: Connection, signal: AbortSignal): Promise<ToolList> {
  if (!connection.offersTools) return { tools: [], issues: ['It offers no tools.'] };
  const raw = await fetchPages(connection, signal);
  const tools = new Map<string, PublishedTool>();
  const issues: string[] = [];
  for (const one of raw) {
    const { tool, issue } = checkTool(one);
    if (issue !== undefined) issues.push(issue);
    if (!tool) continue;
    if (tools.has(tool.name))
      issues.push(`${JSON.stringify(tool.name)} is listed twice; the first is offered`);
    else tools.set(tool.name, tool);
  }
  const shown = issues.slice(0, MAX_ISSUES);
  if (issues.length > MAX_ISSUES) shown.push(`… and ${issues.length - MAX_ISSUES} more`);
  return { tools: [...tools.values()], issues: shown };
}

async function fetchPages(connection: Connection, signal: AbortSignal): Promise<unknown[]> {
  const tools: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const result = await connection.request('tools/list', params, { signal });
    const { tools: some, nextCursor } = (result ?? {}) as { tools?: unknown; nextCursor?: unknown };
    if (!Array.isArray(some)) throw refused('it is not a list');
    tools.push(...some);
    if (tools.length > MAX_TOOLS) throw refused(`it has more than ${MAX_TOOLS} tools`);
    if (nextCursor === undefined || nextCursor === null) return tools;
    if (typeof nextCursor !== 'string' || seen.has(nextCursor)) throw refused('its pages go in a circle');
    seen.add(nextCursor);
    cursor = nextCursor;
  }
  throw refused(`it has more than ${MAX_PAGES} pages`);
}

function refused(why: string): FlotillaError {
  return new FlotillaError('CONFLICT', `The tool list of the server was refused: ${why}.`);
}
