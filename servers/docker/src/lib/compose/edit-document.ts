import { FlotillaError } from '@flotilla/core';
import { type Document, isScalar, isSeq, stringify, type YAMLSeq } from 'yaml';
import { styleOf } from './document-style.ts';
import { MAX_ALIASES } from './limits.ts';
import { parseComposeFile } from './parse-document.ts';

export type KeyPath = readonly (string | number)[];

export interface Edits {
  set: readonly { path: KeyPath; value: unknown }[];
  remove: readonly KeyPath[];
}

export interface EditedDocument {
  text: string;
  /** Lines that the edits did not name were laid out anew, too. */
  reformatted: boolean;
}

/** `services.web.image` as keys; an array for keys that hold a dot. */
export const keyPath = (path: string | readonly (string | number)[]): KeyPath =>
  typeof path === 'string' ? path.split('.') : path;

const shown = (path: KeyPath): string => path.join('.');

/** Sets and removes keys; comments, order and anchors stay. INVALID_INPUT, NOT_FOUND for a key to remove. */
export function editDocument(text: string, edits: Edits): EditedDocument {
  const lines = text.replaceAll('\r\n', '\n');
  const style = styleOf(lines);
  const untouched = parseComposeFile(lines).toString(style);
  const simple = edits.remove.length === 0 ? replaceScalars(lines, edits) : undefined;
  const edited = simple ?? rewrite(lines, edits).toString(style);
  const ended = text.includes('\r\n') ? edited.replaceAll('\n', '\r\n') : edited;
  return { text: ended, reformatted: simple === undefined && untouched !== lines };
}

function rewrite(text: string, edits: Edits): Document {
  const document = parseComposeFile(text);
  for (const path of edits.remove) guarded(path, () => removeKey(document, path));
  for (const { path, value } of edits.set) guarded(path, () => setKey(document, path, value));
  return document;
}

/** Scalars that replace scalars are spliced into the text: nothing else changes. Undefined when that is not enough. */
function replaceScalars(text: string, edits: Edits): string | undefined {
  const document = parseComposeFile(text);
  const splices: { start: number; end: number; word: string }[] = [];
  for (const { path, value } of edits.set) {
    const node = document.getIn(path, true);
    if (!isScalar(node) || !node.range || node.anchor || node.tag || typeof value === 'object')
      return undefined;
    if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') return undefined;
    const word = stringify(value, { lineWidth: 0, ...quotesOf(node.type) }).trimEnd();
    if (word.includes('\n') || node.range[0] === node.range[1]) return undefined;
    splices.push({ start: node.range[0], end: node.range[1], word });
  }
  const edited = splices
    .sort((a, b) => b.start - a.start)
    .reduce((all, { start, end, word }) => all.slice(0, start) + word + all.slice(end), text);
  return same(parseComposeFile(edited), rewrite(text, edits)) ? edited : undefined;
}

const same = (one: Document, other: Document): boolean =>
  String(one) === String(other) || equalValues(one, other);

function equalValues(one: Document, other: Document): boolean {
  const plain = (document: Document): string => JSON.stringify(document.toJS({ maxAliasCount: MAX_ALIASES }));
  return guarded([], () => plain(one) === plain(other));
}

const quotesOf = (type: string | null | undefined) => {
  if (type === 'QUOTE_DOUBLE') return { defaultStringType: 'QUOTE_DOUBLE' as const };
  return type === 'QUOTE_SINGLE' ? { defaultStringType: 'QUOTE_SINGLE' as const } : {};
};

function setKey(document: Document, path: KeyPath, value: unknown): void {
  const listed = listItem(document, path);
  if (!listed) {
    document.setIn(path, value === null ? null : document.createNode(value));
    return;
  }
  const item = `${listed.name}=${String(value)}`;
  if (listed.at === -1) listed.list.add(document.createNode(item));
  else listed.list.set(listed.at, item);
}

function removeKey(document: Document, path: KeyPath): void {
  const listed = listItem(document, path);
  const done = listed ? listed.at !== -1 && listed.list.delete(listed.at) : document.deleteIn(path);
  if (done) return;
  throw new FlotillaError('NOT_FOUND', `The file has no key ${shown(path)}.`, {
    details: { path: shown(path) },
  });
}

/** A named entry of a list such as `environment: [A=1]`, where compose takes a list for a map. */
function listItem(
  document: Document,
  path: KeyPath,
): { list: YAMLSeq; at: number; name: string } | undefined {
  const name = path.at(-1);
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : undefined;
  if (!isSeq(parent) || typeof name !== 'string' || /^\d+$/.test(name)) return undefined;
  const at = parent.items.findIndex(
    (item) => isScalar(item) && (item.value === name || String(item.value).startsWith(`${name}=`)),
  );
  return { list: parent, at, name };
}

function guarded<T>(path: KeyPath, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof FlotillaError) throw cause;
    throw new FlotillaError('INVALID_INPUT', `The key ${shown(path)} cannot be changed here.`, {
      details: { path: shown(path) },
      hint: 'A key below an alias (*name) or a plain value has no keys of its own: set its parent, or edit the anchor.',
      cause,
    });
  }
}
