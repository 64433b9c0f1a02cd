import type { Redactor } from '../ports/secrets.ts';
import { capText } from '../text/cap.ts';
import { visibleControls } from '../text/visible.ts';

/** Sizes of an answer, in UTF-8 bytes of text and items of a list. */
export interface AnswerLimits {
  /** The text that a model reads. */
  textBytes: number;
  /** One string inside the structured answer. */
  stringBytes: number;
  /** All strings of the structured answer together. */
  answerBytes: number;
  /** One list inside the structured answer. */
  listItems: number;
}

export const DEFAULT_LIMITS: AnswerLimits = {
  textBytes: 48_000,
  stringBytes: 512 * 1024,
  answerBytes: 1024 * 1024,
  listItems: 10_000,
};

export interface Shaping {
  redactor: Redactor;
  limits?: Partial<AnswerLimits>;
}

/** What was left out of a structured answer, for `_meta`. */
export interface Cut {
  path: string;
  /** Bytes of a string, or items of a list. */
  leftOut: number;
}

export const limitsOf = (shaping: Shaping): AnswerLimits => ({ ...DEFAULT_LIMITS, ...shaping.limits });

/** A copy within the limits, and where something was cut. */
export function capValue(value: unknown, limits: AnswerLimits): { value: unknown; cuts: Cut[] } {
  const cuts: Cut[] = [];
  let left = limits.answerBytes;
  const visit = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') {
      const capped = capText(node, Math.max(0, Math.min(limits.stringBytes, left)));
      left -= Buffer.byteLength(capped.text);
      if (capped.omittedBytes > 0) cuts.push({ path, leftOut: capped.omittedBytes });
      return capped.text;
    }
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return list(node, path);
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key, visit(member, path === '' ? key : `${path}.${key}`)]),
    );
  };
  const list = (items: readonly unknown[], path: string): unknown[] => {
    const kept: unknown[] = [];
    for (const item of items) {
      if (kept.length >= limits.listItems || left <= 0) break;
      left -= 2;
      kept.push(visit(item, `${path}.${kept.length}`));
    }
    if (kept.length < items.length) cuts.push({ path, leftOut: items.length - kept.length });
    return kept;
  };
  return { value: visit(value, ''), cuts };
}

/** Redacted, capped, with control characters made visible: ready for a model and a terminal. */
export function shapeText(text: string, shaping: Shaping, more?: string): string {
  const capped = capText(shaping.redactor.text(text), limitsOf(shaping).textBytes, more ? { more } : {});
  return visibleControls(capped.text);
}
