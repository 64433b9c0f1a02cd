import type { PtySpec, Question } from '@flotilla/core';
import type { FastChannel } from '../channel/fast-channel.ts';
import { asksForSecret, knownAnswer, preparedAnswer } from './known-prompts.ts';
import { answerTerminal, askTerminal, markWaiting, type TerminalView } from './terminal-query.ts';
import { visibleLines } from './terminal-text.ts';

/** How long a prompt stands still before it is a question: when something reads the terminal, and when that is not known. */
const QUIET_READING_MS = 300;
const QUIET_UNKNOWN_MS = 1_500;
const PROMPT_LINES = 12;

/** Watches the terminal of one command: answers what may be answered, and says what a person has to. */
export class TerminalWatch {
  readonly #id: string;
  readonly #spec: PtySpec;
  readonly #onQuestion: (question: Question | undefined) => void;
  #size = -1;
  #since = 0;
  #answered = -1;
  #question: Question | undefined;

  constructor(id: string, spec: PtySpec | undefined, onQuestion: (question: Question | undefined) => void) {
    this.#id = id;
    this.#spec = spec ?? { autoRespond: false, responses: {} };
    this.#onQuestion = onQuestion;
  }

  get question(): Question | undefined {
    return this.#question;
  }

  async check(channel: FastChannel): Promise<void> {
    const view = await askTerminal(channel, this.#id);
    if (view === undefined) return;
    if (view.size !== this.#size) {
      this.#size = view.size;
      this.#since = performance.now();
    }
    if (this.#question !== undefined && this.#question.number !== view.size) await this.#withdraw(channel);
    if (this.#question !== undefined || this.#answered === view.size || view.activity === 'busy') return;
    const lines = visibleLines(view.tail);
    const answer = this.#answerFor(lines, view);
    if (answer !== undefined) {
      this.#answered = view.size;
      await answerTerminal(channel, this.#id, view.size, answer);
    } else if (this.#isQuestion(lines, view)) {
      await this.#ask(channel, lines, view);
    }
  }

  /** The command ended or is no longer followed here. */
  close(): void {
    if (this.#question === undefined) return;
    this.#question = undefined;
    this.#onQuestion(undefined);
  }

  #answerFor(lines: readonly string[], view: TerminalView): string | undefined {
    if (performance.now() - this.#since < QUIET_READING_MS && view.activity !== 'reading') return undefined;
    const prepared = preparedAnswer(lines, this.#spec.responses);
    if (prepared !== undefined) return prepared;
    return this.#spec.autoRespond && view.echo ? knownAnswer(lines) : undefined;
  }

  #isQuestion(lines: readonly string[], view: TerminalView): boolean {
    const quietMs = performance.now() - this.#since;
    const unfinished = (lines.at(-1) ?? '').trim() !== '';
    if (view.activity === 'reading') return quietMs >= (unfinished ? QUIET_READING_MS : QUIET_UNKNOWN_MS);
    return unfinished && quietMs >= QUIET_UNKNOWN_MS;
  }

  async #ask(channel: FastChannel, lines: readonly string[], view: TerminalView): Promise<void> {
    await markWaiting(channel, this.#id, true);
    this.#question = questionOf(lines, view);
    this.#onQuestion(this.#question);
  }

  async #withdraw(channel: FastChannel): Promise<void> {
    this.#question = undefined;
    this.#onQuestion(undefined);
    await markWaiting(channel, this.#id, false);
  }
}

/** The question that a terminal shows at this moment, without watching it: something reads it, or its last line is open. */
export async function openQuestion(channel: FastChannel, id: string): Promise<Question | undefined> {
  const view = await askTerminal(channel, id);
  if (view === undefined || view.activity !== 'reading') return undefined;
  return questionOf(visibleLines(view.tail), view);
}

function questionOf(lines: readonly string[], view: TerminalView): Question {
  return {
    prompt: lines.slice(-PROMPT_LINES).join('\n').trim(),
    secret: !view.echo || asksForSecret(lines.at(-1) ?? ''),
    number: view.size,
  };
}
