import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FlotillaError } from '@flotilla/core';
import { storageError } from '@flotilla/store';
import type { AnswerMessage, CallMessage, CallName, WorkerInput } from './calls.ts';
import type { MetricsFile } from './file/metrics-file.ts';

/** `.ts` beside the sources, `.js` in the built package and in a bundle. */
const EXTENSION = extname(import.meta.url);
const WORKER = new URL(`./metrics-worker${EXTENSION}`, import.meta.url);
const EXEC_ARGV = EXTENSION === '.ts' ? ['--conditions=@flotilla/source'] : [];

const HEAP_MB = 512;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Args<N extends CallName> = Parameters<MetricsFile[N]>;
type Value<N extends CallName> = ReturnType<MetricsFile[N]>;

/** Calls to the file in its own thread, one after the other. A thread that died is started again by the next call. */
export class MetricsThread {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
  }

  call<N extends CallName>(name: N, ...args: Args<N>): Promise<Value<N>> {
    if (this.#closed) return Promise.reject(new FlotillaError('CANCELLED', 'The metrics file is closed.'));
    return this.#send(name, args) as Promise<Value<N>>;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#worker) return;
    await this.#send('close', []).catch(() => undefined);
    await this.#worker.terminate();
  }

  #send(name: CallMessage['name'], args: readonly unknown[]): Promise<unknown> {
    const worker = this.#started();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, name, args } satisfies CallMessage);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const workerData: WorkerInput = { file: this.#file };
    const worker = new Worker(WORKER, {
      workerData,
      execArgv: EXEC_ARGV,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    worker.on('message', (answer: AnswerMessage) => this.#settle(worker, answer));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, new Error('the thread ended')));
    this.#worker = worker;
    return worker;
  }

  #settle(worker: Worker, answer: AnswerMessage): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) worker.unref();
    if ('error' in answer) waiting?.reject(this.#failure(answer.error));
    else waiting?.resolve(answer.value);
  }

  #lost(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const error = new FlotillaError('INTERNAL', 'The thread of the metrics file ended unexpectedly.', {
      cause,
    });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #failure({ message, code }: { message: string; code: string }): unknown {
    if (code === 'NEWER') {
      return new FlotillaError('CONFLICT', 'The metrics file was written by a newer Flotilla.', {
        details: { file: this.#file },
        hint: 'Update Flotilla; nothing was changed.',
      });
    }
    if (code === 'TOO_MANY_POINTS') {
      return new FlotillaError('INVALID_INPUT', 'That are too many points for one answer.', {
        hint: 'Ask for fewer hosts, a shorter time or a greater step.',
      });
    }
    if (code === 'BAD_PATTERN') {
      return new FlotillaError('INVALID_INPUT', 'A pattern of a label is no regular expression of RE2.');
    }
    return storageError(Object.assign(new Error(message), { code }), this.#file);
  }
}
