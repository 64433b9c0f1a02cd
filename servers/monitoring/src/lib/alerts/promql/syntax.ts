import { FlotillaError } from '@flotilla/core';
import type { SyntaxNode } from '@lezer/common';
import { SUPPORTED } from './ast.ts';

/** The text that a tree was parsed from, and how deep in it we are. */
export interface Source {
  text: string;
  depth: number;
}

export const textOf = (node: SyntaxNode, { text }: Source): string => text.slice(node.from, node.to);

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

export const childNamed = (node: SyntaxNode, name: string): SyntaxNode | undefined =>
  childrenOf(node).find((child) => child.name === name);

/** The refusal of something that is PromQL but not evaluated here. */
export const refuse = ({ text }: Source, node: SyntaxNode, what: string): FlotillaError =>
  new FlotillaError(
    'INVALID_INPUT',
    `The expression uses ${what} at character ${node.from + 1}, which is not supported.`,
    {
      details: { expr: text, near: text.slice(node.from, node.from + 40) },
      hint: SUPPORTED,
    },
  );

/** The value of a string literal in double, single or back quotes. */
export function stringValue(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`')) return body;
  let known = true;
  const value = body.replace(/\\(.)/gs, (_, character: string) => {
    const escaped = ESCAPES[character];
    if (escaped === undefined) known = false;
    return escaped ?? '';
  });
  return known ? value : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  '"': '"',
  "'": "'",
  n: '\n',
  t: '\t',
  r: '\r',
};
