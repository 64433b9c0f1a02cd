import { FlotillaError, HUB_CALL_META, signHubCall, type ToolAnswer } from '@flotilla/core';
import type { BackendCall } from '../backend.ts';
import { answerOf } from './answers.ts';
import type { Connection } from './connection.ts';

const HOP_BY_HOP = /^(io\.modelcontextprotocol\/|progressToken$)/;

export interface CallLimits {
  /** Longest time without an answer and without progress. */
  quietMs: number;
  /** Signs the call for a server of ours, which then leaves admission to the hub. */
  hubSecret?: string;
}

/** Sends one `tools/call` and answers with what comes back, nothing dropped. Rejects with the SDK's error, or TIMEOUT. */
export async function callTool(
  mount: string,
  connection: Connection,
  call: BackendCall,
  { quietMs, hubSecret }: CallLimits,
): Promise<ToolAnswer> {
  const quiet = new AbortController();
  const late = (): void => quiet.abort();
  let timer = setTimeout(late, quietMs);
  const { onProgress, hubCall } = call;
  const meta = Object.fromEntries(Object.entries(call.meta ?? {}).filter(([key]) => !HOP_BY_HOP.test(key)));
  if (hubCall && hubSecret !== undefined) meta[HUB_CALL_META] = signHubCall(hubCall, hubSecret);
  const params = {
    name: call.tool.remoteName,
    ...(call.args !== undefined && { arguments: call.args }),
    ...(Object.keys(meta).length > 0 && { _meta: meta }),
  };
  try {
    const result = await connection.request('tools/call', params, {
      signal: AbortSignal.any([call.signal, quiet.signal]),
      ...(onProgress && {
        onProgress: (update) => {
          clearTimeout(timer);
          timer = setTimeout(late, quietMs);
          onProgress(update);
        },
      }),
    });
    return answerOf(mount, result);
  } catch (error) {
    if (!quiet.signal.aborted || call.signal.aborted) throw error;
    throw new FlotillaError(
      'TIMEOUT',
      `The server ${mount} did not answer ${call.tool.remoteName} in time.`,
      {
        details: { server: mount, waitedMs: quietMs },
        hint: 'It was told to stop. Whether the call took effect is not known. Raise timeoutMs of the server in the config.',
        cause: error,
      },
    );
  } finally {
    clearTimeout(timer);
  }
}
