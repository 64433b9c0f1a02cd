import { type Failure, HUB_CALL_META, type HubCall, signHubCall } from '@flotilla/core';

interface Answer {
  isError?: boolean;
  structuredContent: Record<string, unknown> & Partial<Failure>;
}

/** Calls tools of a server over Streamable HTTP as a hub does, signing what it says of a call. */
export async function mcpCaller(url: string, token: string) {
  let session: Record<string, string> = {};
  const post = async (method: string, params: object): Promise<{ headers: Headers; result: unknown }> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...session,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    const json = /^data: (\{.*)$/m.exec(text)?.[1] ?? text;
    return { headers: response.headers, result: (JSON.parse(json) as { result: unknown }).result };
  };
  const client = { name: 'hub', version: '1' };
  const { headers } = await post('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: client,
  });
  session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
  return async (name: string, args: object, call?: HubCall): Promise<Answer> => {
    const _meta = call && { [HUB_CALL_META]: signHubCall(call, token) };
    const { result } = await post('tools/call', { name, arguments: args, ...(_meta && { _meta }) });
    return result as Answer;
  };
}
