import { maxEffect } from '../effects.ts';
import type { GateTool } from '../ports/gate.ts';
import type { PublishedTool } from './answer.ts';
import type { ServerDefinition } from './define-server.ts';
import type { AnyTool } from './define-tool.ts';
import { preparedTool } from './prepared.ts';
import { publishTool } from './publish.ts';
import { secretPaths } from './secret-paths.ts';

/** A tool with what is derived from it. Derivations are made on first use: a start pays for none of them. */
export interface CompiledTool {
  readonly tool: AnyTool;
  readonly lane: string;
  readonly gateTool: GateTool;
  /** Dotted paths of secret input fields, without wildcards. */
  readonly secretPaths: readonly string[];
  readonly published: PublishedTool;
}

export function compileTool(tool: AnyTool, lane: string): CompiledTool {
  let published: PublishedTool | undefined;
  let paths: readonly string[] | undefined;
  return {
    tool,
    lane,
    gateTool: { name: tool.name, lane, maxEffect: maxEffect(tool.effect) },
    get secretPaths() {
      paths ??= secretPaths(tool.input);
      return paths;
    },
    get published() {
      published ??= preparedTool(tool.name) ?? publishTool(tool);
      return published;
    },
  };
}

export function compileServer(server: ServerDefinition): CompiledTool[] {
  return server.tools.map((tool) => compileTool(tool, server.name));
}
