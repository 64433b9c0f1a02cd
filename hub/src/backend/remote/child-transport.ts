import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client';
import { MalformedResponse, NotSent } from './connection.ts';
import { lineSplitter } from './lines.ts';

export interface ChildCommand {
  command: string;
  args: readonly string[];
  /** The whole environment of the child. */
  env: Record<string, string>;
  cwd?: string;
}

export interface ChildTransportOptions extends ChildCommand {
  maxMessageBytes: number;
  /** How long each of "stdin closed" and SIGTERM may take before the next harder means. */
  graceMs: number;
  onStderr: (chunk: Buffer) => void;
}

/**
 * MCP over the stdin and stdout of a child in its own process group. Closing means: stdin is closed, then SIGTERM,
 * then SIGKILL to the whole group. When the hub itself is killed, the child sees the end of its stdin.
 */
export class ChildTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  /** Why it closed, in words; set before `onclose`. */
  reason = 'was stopped';
  readonly #options: ChildTransportOptions;
  #child: ChildProcessWithoutNullStreams | undefined;
  #ended = false;
  #closing: Promise<void> | undefined;

  constructor(options: ChildTransportOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { command, args, env, cwd, maxMessageBytes, onStderr } = this.#options;
    const child = spawn(command, [...args], {
      env,
      ...(cwd !== undefined && { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.on('error', (error) => this.onerror?.(error));
    child.stdin.on('error', (error) => this.onerror?.(error));
    child.stderr.on('data', onStderr);
    child.stdout.on(
      'data',
      lineSplitter({
        maxBytes: maxMessageBytes,
        onLine: (line) => this.#receive(line),
        onTooLong: () => this.#abort(`sent a message larger than ${maxMessageBytes} bytes`),
      }),
    );
    await once(child, 'spawn');
    child.once('exit', (code, signal) => void this.#gone(code, signal));
  }

  send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (!child || this.#ended || !child.stdin.writable)
      return Promise.reject(new NotSent('the server has ended'));
    return new Promise((resolve, reject) => {
      child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  #receive(line: string): void {
    if (this.#ended || !line.startsWith('{')) return;
    try {
      this.onmessage?.(deserializeMessage(line));
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      const id = responseId(line);
      if (id !== undefined) this.onmessage?.({ jsonrpc: '2.0', id, error: malformed() });
    }
  }

  #abort(reason: string): void {
    this.reason = reason;
    this.#finish();
    void this.close();
  }

  /** Output that is still in the pipe is read first, but a grandchild that keeps the pipe open is not waited for. */
  async #gone(code: number | null, signal: string | null): Promise<void> {
    if (this.reason === 'was stopped')
      this.reason = signal
        ? `was killed by SIG${signal.replace(/^SIG/, '')}`
        : `ended with exit code ${code}`;
    const child = this.#child;
    if (child) await Promise.race([once(child, 'close'), delay(200)]);
    this.#finish();
    void this.close();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onclose?.();
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined) {
      child.stdin.end();
      if (!(await exited(child, this.#options.graceMs))) this.#signal('SIGTERM');
      if (!(await exited(child, this.#options.graceMs))) this.#signal('SIGKILL');
      await exited(child, this.#options.graceMs);
      this.#signal('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    }
    this.#finish();
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // The group is gone.
    }
  }
}

/** The id of a line that wants to be a response, so that its request does not wait for ever. */
function responseId(line: string): number | undefined {
  try {
    const { id, method } = JSON.parse(line) as { id?: unknown; method?: unknown };
    return method === undefined && typeof id === 'number' ? id : undefined;
  } catch {
    return undefined;
  }
}

const malformed = () => ({ code: -32_700, message: 'malformed', data: new MalformedResponse() });

async function exited(child: ChildProcessWithoutNullStreams, withinMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const timer = new AbortController();
  await Promise.race([
    once(child, 'exit'),
    delay(withinMs, undefined, { signal: timer.signal }).catch(() => {}),
  ]);
  timer.abort();
  return child.exitCode !== null || child.signalCode !== null;
}
