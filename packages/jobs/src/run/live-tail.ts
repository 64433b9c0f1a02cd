const KEPT_CHARS = 4096;
const KEPT_LINES = 40;

/** The last lines that a run's commands wrote, as they came; streams of several hosts are labelled. */
export class LiveTail {
  readonly #labelled: boolean;
  #text = '';
  #alias: string | undefined;

  constructor(labelled: boolean) {
    this.#labelled = labelled;
  }

  push(alias: string, text: string): void {
    if (text === '') return;
    if (this.#labelled && alias !== this.#alias) {
      this.#alias = alias;
      this.#text += `${this.#text === '' || this.#text.endsWith('\n') ? '' : '\n'}[${alias}]\n`;
    }
    this.#text = (this.#text + text.slice(-KEPT_CHARS)).slice(-2 * KEPT_CHARS);
  }

  get text(): string {
    return lastLines(this.#text);
  }
}

export function lastLines(text: string): string {
  const lines = text.slice(-KEPT_CHARS).split('\n');
  const ending = lines.at(-1) === '' ? 1 : 0;
  return lines.slice(-KEPT_LINES - ending).join('\n');
}
