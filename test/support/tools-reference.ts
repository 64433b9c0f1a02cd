/** The part of a listed tool that the reference shows. */
export interface ListedTool {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: { properties?: Record<string, unknown> | undefined; required?: string[] | undefined };
  annotations?: { readOnlyHint?: boolean | undefined; destructiveHint?: boolean | undefined } | undefined;
}

interface Property {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  default?: unknown;
  anyOf?: Property[];
  items?: Property;
}

/** docs/tools.md from a tools/list. */
export function toolsReference(tools: readonly ListedTool[]): string {
  const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  const head = [
    '# Tools',
    '',
    '<!-- Generated from the tool objects by `npm run docs`. Do not edit. -->',
    '',
    'Effects: **read** looks, **write** changes, **destroy** may change what cannot simply be changed back.',
    '',
    '| tool | effect | title |',
    '|---|---|---|',
    ...sorted.map((tool) => `| [${tool.name}](#${tool.name}) | ${effect(tool)} | ${tool.title ?? ''} |`),
  ];
  return `${[...head, '', ...sorted.flatMap(section)].join('\n').trimEnd()}\n`;
}

const effect = (tool: ListedTool): string =>
  tool.annotations?.readOnlyHint ? 'read' : tool.annotations?.destructiveHint ? 'destroy' : 'write';

function section(tool: ListedTool): string[] {
  const properties = Object.entries(tool.inputSchema.properties ?? {}) as [string, Property][];
  const required = new Set(tool.inputSchema.required);
  const rows = properties.map(([name, property]) => {
    const optional = required.has(name) ? '' : '?';
    const fallback =
      property.default === undefined ? '' : ` (default \`${JSON.stringify(property.default)}\`)`;
    return `| \`${name}${optional}\` | ${cell(typeText(property))} | ${cell(property.description ?? '')}${fallback} |`;
  });
  const table =
    rows.length === 0 ? ['No arguments.'] : ['| argument | type | meaning |', '|---|---|---|', ...rows];
  return [`## ${tool.name}`, '', tool.description ?? '', '', ...table, ''];
}

function typeText(property: Property): string {
  if (property.enum) return property.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (property.anyOf) return [...new Set(property.anyOf.map(typeText))].join(' or ');
  if (property.type === 'array') return `list of ${property.items ? typeText(property.items) : 'anything'}`;
  return [property.type ?? 'any'].flat().join(' or ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
