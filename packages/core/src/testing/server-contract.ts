import type { ServerDefinition } from '../tool/define-server.ts';
import { checkTool, MAX_TEXT_BYTES } from './tool-contract.ts';

/** Walks over a server and its tools; one line per violation, none when the server keeps the contract. */
export function checkServerContract(server: ServerDefinition): string[] {
  const violations: string[] = [];
  const add = (what: string) => violations.push(`${server.name}: ${what}`);
  if (!/^[a-z0-9-]{1,32}$/.test(server.name)) add('the name must be [a-z0-9-], at most 32 characters');
  if (server.title.trim() === '') add('it has no title');
  if (server.instructions.trim() === '') add('it has no instructions');
  if (Buffer.byteLength(server.instructions) > MAX_TEXT_BYTES)
    add(`the instructions are longer than ${MAX_TEXT_BYTES} bytes`);
  const seen = new Set<string>();
  for (const tool of server.tools) {
    if (seen.has(tool.name)) add(`two tools are called ${tool.name}`);
    seen.add(tool.name);
    for (const what of checkTool(tool)) add(`${tool.name}: ${what}`);
  }
  return violations;
}
