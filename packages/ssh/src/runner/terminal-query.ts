import { conversation } from '../channel/conversation.ts';
import type { FastChannel } from '../channel/fast-channel.ts';
import { feedScript } from '../channel/feed.ts';
import { quote } from '../quote.ts';

export interface TerminalView {
  /** Bytes shown since the start; names the question of this moment. */
  size: number;
  /** False: what is typed is not shown. */
  echo: boolean;
  /** `reading`: a process sleeps in a read of the terminal; `idle`: all of its foreground sleeps. */
  activity: 'reading' | 'idle' | 'busy';
  /** The last 2 KiB. */
  tail: string;
}

/** Undefined when the command has ended. */
export async function askTerminal(channel: FastChannel, id: string): Promise<TerminalView | undefined> {
  let head: string[] | undefined;
  const chunks: Buffer[] = [];
  await conversation(channel, `f_ask ${id}`, {
    frame: (words) => {
      if (words[0] === 'terminal') head = words;
      return words[0] === 'done' && words[1] === id;
    },
    data: (chunk) => {
      if (head !== undefined) chunks.push(Buffer.from(chunk));
    },
  });
  const size = Number(head?.[2]);
  if (head === undefined || !Number.isSafeInteger(size)) return undefined;
  return {
    size,
    echo: head[3] !== 'off',
    activity: head[4] === 'reading' || head[4] === 'busy' ? head[4] : 'idle',
    tail: new TextDecoder().decode(Buffer.concat(chunks)),
  };
}

export type AnswerResult = 'ok' | 'stale' | 'gone';

/** Types one line, unless the terminal shows something else by now or that question was answered. */
export async function answerTerminal(
  channel: FastChannel,
  id: string,
  number: number,
  text: string,
): Promise<AnswerResult> {
  let result: AnswerResult = 'gone';
  await conversation(channel, `f_feed=${quote(feedScript(`${text}\n`))}\nf_answer_question ${id} ${number}`, {
    frame: (words) => {
      if (words[0] !== 'answer' || words[1] !== id) return false;
      if (words[2] === 'ok' || words[2] === 'stale') result = words[2];
      return true;
    },
    data: () => undefined,
  });
  return result;
}

/** While a question is open the command's time limit stands still. */
export async function markWaiting(channel: FastChannel, id: string, waiting: boolean): Promise<void> {
  await conversation(channel, `f_mark_waiting ${id} ${waiting ? '1' : ''}`, {
    frame: (words) => words[0] === 'waiting' && words[1] === id,
    data: () => undefined,
  });
}
