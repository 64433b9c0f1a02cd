import type { Caller, CompiledTool } from '@flotilla/core';
import type { Backend, BackendCall, MountedTool } from './backend.ts';

interface LocalTool extends MountedTool {
  compiled: CompiledTool;
}

/** A server of ours in this process: a call is a function call, and `caller` admits and audits it. */
export function localBackend(name: string, tools: readonly CompiledTool[], caller: Caller): Backend {
  const byName = new Map(tools.map((compiled) => [compiled.tool.name, localTool(compiled)]));
  return {
    name,
    kind: 'local',
    own: true,
    listTools: () => [...byName.values()],
    call: (call: BackendCall) => {
      const local = byName.get(call.tool.remoteName);
      if (!local) throw new Error(`${name} does not hold ${call.tool.remoteName}`);
      return caller(local.compiled, call);
    },
    state: { status: 'ready' },
    issues: [],
    onChange: () => () => {},
    settled: Promise.resolve(),
    expect: () => {},
    close: async () => {},
  };
}

/** What is published is made only when somebody lists tools. */
function localTool(compiled: CompiledTool): LocalTool {
  return {
    compiled,
    gateTool: compiled.gateTool,
    remoteName: compiled.tool.name,
    get published() {
      return compiled.published;
    },
  };
}
