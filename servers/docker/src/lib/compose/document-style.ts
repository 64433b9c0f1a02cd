import type { ToStringOptions } from 'yaml';

/** How a YAML file is laid out, so that what an edit does not touch is written as it was. */
export function styleOf(text: string): ToStringOptions {
  const nested = /^(?:[^\s#-].*:[ \t]*(?:#.*)?\n)(?:[ \t]*(?:#.*)?\n)*( +)\S/m.exec(text);
  const indent = Math.min(8, Math.max(1, nested?.[1]?.length ?? 2));
  const sequence = /^( *)(?!- )[^\s#].*:[ \t]*(?:#.*)?\n(?:\s*#.*\n)*( *)- /m.exec(text);
  const padded = /\{ \S/.test(text) || !/\{\S/.test(text);
  const padding = /[[{]/.test(text) ? padded && !/\[\S/.test(text) : true;
  return {
    indent,
    indentSeq: sequence === null || (sequence[2] ?? '').length > (sequence[1] ?? '').length,
    lineWidth: 0,
    flowCollectionPadding: padding,
  };
}
