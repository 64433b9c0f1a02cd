import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '@flotilla/core';
import { type JSONRPCMessage, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

export interface BridgeOptions {
  url: URL;
  token: string;
  stdin: Readable;
  stdout: Writable;
  log: Logger;
}

type Message = Record<string, unknown>;

const refusal = (id: unknown, code: number, message: string): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: { code, message } })}\n`;

function parse(line: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? (message as Message) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Carries MCP messages between stdin and stdout and a Streamable HTTP endpoint, unread, until stdin ends. A request that
 * cannot be delivered is answered with an error, so that the client sees why.
 */
export async function bridge({ url, token, stdin, stdout, log }: BridgeOptions): Promise<void> {
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  let initialize: unknown;
  transport.onmessage = (message) => {
    const { id, result } = message as { id?: unknown; result?: { protocolVersion?: unknown } };
    const version = result?.protocolVersion;
    if (initialize !== undefined && id === initialize && typeof version === 'string')
      transport.setProtocolVersion(version);
    stdout.write(`${JSON.stringify(message)}\n`);
  };
  transport.onerror = (error) => log.debug({ err: error }, 'bridge');
  await transport.start();

  const deliver = async (message: Message): Promise<void> => {
    if (message['method'] === 'initialize') initialize = message['id'];
    try {
      await transport.send(message as unknown as JSONRPCMessage);
    } catch (error) {
      log.warn({ err: error }, 'the hub could not be reached');
      if (message['id'] !== undefined && message['method'] !== undefined)
        stdout.write(
          refusal(message['id'], -32_000, `Flotilla at ${url.href} does not answer: ${reason(error)}`),
        );
    }
  };
  for await (const line of createInterface({ input: stdin })) {
    if (line.trim() === '') continue;
    const message = parse(line);
    if (message === undefined) stdout.write(refusal(null, -32_700, 'Not JSON.'));
    // A notification goes out before what follows it; requests do not wait for each other.
    else if (message['id'] === undefined) await deliver(message);
    else void deliver(message);
  }
  await transport.terminateSession().catch(() => {});
  await transport.close();
}

function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message?: string };
  return cause?.code ?? message ?? 'unknown';
}
