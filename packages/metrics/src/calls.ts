import type { MetricsFile } from './file/metrics-file.ts';

/** What the thread of the file is asked for. */
export type CallName = Exclude<keyof MetricsFile, 'close'>;

export interface CallMessage {
  id: number;
  name: CallName | 'close';
  args: readonly unknown[];
}

export type AnswerMessage =
  | { id: number; value: unknown }
  | { id: number; error: { message: string; code: string } };

export interface WorkerInput {
  file: string;
}
