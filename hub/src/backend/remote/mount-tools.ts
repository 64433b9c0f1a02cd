import type { Effect, PublishedTool } from '@flotilla/core';
import type { MountedTool } from '../backend.ts';
import { prefixedName } from '../tool-names.ts';

/** The worst a tool may do by its own account; destroy when it does not say (the protocol's defaults). */
export function effectFromAnnotations(tool: PublishedTool): Effect {
  const { readOnlyHint, destructiveHint } = tool.annotations ?? {};
  if (readOnlyHint === true) return 'read';
  return destructiveHint === false ? 'write' : 'destroy';
}

/** Tools of a mount as the hub offers them: unchanged but for the name of a third-party server's tools. */
export function mountTools(mount: string, own: boolean, tools: readonly PublishedTool[]): MountedTool[] {
  return tools.map((tool) => {
    const name = own ? tool.name : prefixedName(mount, tool.name);
    return {
      published: { ...tool, name },
      gateTool: { name, lane: mount, maxEffect: effectFromAnnotations(tool) },
      remoteName: tool.name,
    };
  });
}
