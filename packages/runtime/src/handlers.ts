import {
  type CompiledTool,
  type Hosts,
  type JobContext,
  runHandler,
  type ToolContext,
  type ToolSettings,
} from '@flotilla/core';
import type { JobHandler } from '@flotilla/jobs';

/** The job tools as the runs engine executes them. */
export function jobHandlers(
  tools: readonly CompiledTool[],
  hosts: Hosts,
  settings: ToolSettings,
  useOf: (compiled: CompiledTool) => ToolContext['use'],
): JobHandler[] {
  return tools.flatMap((compiled) => {
    const { job } = compiled.tool;
    if (!job) return [];
    const handler: JobHandler = {
      lane: compiled.lane,
      tool: compiled.tool.name,
      timeoutMs: job.timeoutMs,
      ...(job.retry && { retry: job.retry }),
      isError: (output) => compiled.tool.isError?.(output) ?? false,
      run: async (running, args) => {
        const context: JobContext = {
          runId: running.runId,
          step: running.step,
          signal: running.signal,
          progress: running.progress,
          log: running.log,
          principal: running.principal,
          hosts,
          settings,
          use: useOf(compiled),
        };
        return (await runHandler(compiled, context, args)).output;
      },
    };
    return [handler];
  });
}
