import type { ToolEndpoint } from '../endpoint.ts';
import { FlotillaError } from '../errors.ts';
import type { Gate } from '../ports/gate.ts';
import type { Principal } from '../principal.ts';
import type { Caller } from './caller.ts';
import type { CompiledTool } from './compile.ts';

export interface EndpointOptions {
  info: ToolEndpoint['info'];
  tools(): readonly CompiledTool[];
  call: Caller;
  gate: Gate;
  clientFilter?(principal: Principal, tool: string): boolean;
  onToolsChanged?(listener: () => void): () => void;
}

/** A set of compiled tools as something that a front door serves. Lists only what the caller may call. */
export function createEndpoint(options: EndpointOptions): ToolEndpoint {
  const { info, tools, call, gate, clientFilter } = options;
  return {
    info,
    listTools: (principal) =>
      tools()
        .filter((compiled) => clientFilter?.(principal, compiled.tool.name) !== false)
        .filter((compiled) => gate(principal, compiled.gateTool) === undefined)
        .map((compiled) => compiled.published),
    async callTool(incoming) {
      const compiled = tools().find(({ tool }) => tool.name === incoming.name);
      if (compiled === undefined)
        throw new FlotillaError(
          'NOT_FOUND',
          `There is no tool ${JSON.stringify(incoming.name.slice(0, 100))}.`,
        );
      return call(compiled, incoming);
    },
    onToolsChanged: options.onToolsChanged ?? (() => () => {}),
  };
}
