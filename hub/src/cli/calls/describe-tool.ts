import type { PublishedTool } from '@flotilla/core';

interface Colors {
  bold(text: string): string;
  cyan(text: string): string;
  dim(text: string): string;
}

type Schema = Record<string, unknown>;

const list = (value: unknown): Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);

/** A schema's type in a few characters: `string`, `number[]`, `upload|download`. */
export function typeOf(schema: Schema): string {
  const { enum: values, const: constant, type, items } = schema;
  if (Array.isArray(values)) return values.map(String).join('|');
  if (constant !== undefined) return String(constant);
  const choices = [...list(schema['anyOf']), ...list(schema['oneOf'])];
  if (choices.length > 0) return [...new Set(choices.map(typeOf))].join('|');
  if (type === 'array') return `${items ? typeOf(items as Schema) : 'any'}[]`;
  if (Array.isArray(type)) return type.join('|');
  return typeof type === 'string' ? type : 'any';
}

/** One tool for a person: what it does, then each argument with type, default and meaning. */
export function describeTool(tool: PublishedTool, color: Colors): string {
  const schema = tool.inputSchema as Schema;
  const required = new Set(schema['required'] as string[] | undefined);
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const sorted = properties.sort(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  const rows = sorted.map(([name, property]) => {
    const fallback = property['default'] === undefined ? '' : `=${JSON.stringify(property['default'])}`;
    const mark = required.has(name) ? '' : '?';
    const head = `  ${color.cyan(name)}${mark} ${color.dim(`${typeOf(property)}${fallback}`)}`;
    const meaning = property['description'];
    return typeof meaning === 'string' ? `${head}\n      ${meaning}` : head;
  });
  return [
    `${color.bold(tool.name)}  ${tool.title ?? ''}`,
    tool.description ?? '',
    '',
    color.bold('Arguments'),
    ...(rows.length > 0 ? rows : ['  none']),
  ].join('\n');
}
