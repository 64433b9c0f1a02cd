// The thread that the file of the history lives in. It imports little: it starts from the sources, from the built package
// and from a bundle alike, where it lies beside the module that starts it.
import { parentPort, workerData } from 'node:worker_threads';
import type { AnswerMessage, CallMessage, WorkerInput } from './calls.ts';
import { MetricsFile } from './file/metrics-file.ts';

const { file } = workerData as WorkerInput;
let opened: MetricsFile | undefined;

function answer({ id, name, args }: CallMessage): AnswerMessage {
  try {
    if (name === 'close') {
      opened?.close();
      opened = undefined;
      return { id, value: undefined };
    }
    opened ??= new MetricsFile(file);
    const method = opened[name] as (...args: readonly unknown[]) => unknown;
    return { id, value: method.apply(opened, [...args]) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { id, error: { message, code } };
  }
}

parentPort?.on('message', (message: CallMessage) => parentPort?.postMessage(answer(message)));
