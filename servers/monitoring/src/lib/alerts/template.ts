import { FlotillaError, formatBytes, formatDuration } from '@flotilla/core';

export interface TemplateValues {
  labels: Readonly<Record<string, string>>;
  value: number;
}

const ACTION = /\{\{([^{}]*)\}\}/g;
const VALUE = /^(?:\$value|\.Value)$/;
const LABEL = /^(?:\$labels|\.Labels)\.([a-zA-Z_][a-zA-Z0-9_]*)$/;
const PRINTF = /^printf\s+"%\.(\d)f(%%)?"(?:\s+(?:\$value|\.Value))?$/;

const HINT =
  'Supported in labels and annotations: {{ $value }}, {{ $labels.NAME }}, and for the value | humanize, | humanize1024, | humanizePercentage, | humanizeDuration, | printf "%.1f".';

/** INVALID_INPUT for an action that is not supported. */
export function checkTemplate(text: string): void {
  renderTemplate(text, { labels: {}, value: 0 });
}

/** Fills in a text of a rule, in the words of Prometheus' templates. */
export function renderTemplate(text: string, values: TemplateValues): string {
  const filled = text.replace(ACTION, (_, action: string) => render(bare(action), values));
  if (text.replace(ACTION, '').includes('{{')) throw unsupported(text);
  return filled;
}

/** Without the dashes that trim white space in Go, and without white space. */
const bare = (action: string): string =>
  action
    .trim()
    .replace(/^-(?=\s|$)/, '')
    .replace(/(?<=\s)-$/, '')
    .trim();

function render(action: string, { labels, value }: TemplateValues): string {
  const label = LABEL.exec(action)?.[1];
  if (label !== undefined) return labels[label] ?? '';
  const [subject = '', filter, ...more] = action.split('|').map((part) => part.trim());
  if (more.length > 0) throw unsupported(action);
  if (filter === undefined && PRINTF.test(subject)) return formatted(subject, value);
  if (!VALUE.test(subject)) throw unsupported(action);
  return formatted(filter, value);
}

function formatted(filter: string | undefined, value: number): string {
  if (filter === undefined) return String(value);
  const [, digits, percent = ''] = PRINTF.exec(filter) ?? [];
  if (digits !== undefined) return `${value.toFixed(Number(digits))}${percent && '%'}`;
  switch (filter) {
    case 'humanize':
      return humanize(value);
    case 'humanize1024':
      return formatBytes(value).replace(/ ?B$/, '').replace('iB', 'i');
    case 'humanizePercentage':
      return `${Number((value * 100).toPrecision(4))}%`;
    case 'humanizeDuration':
      return formatDuration(value * 1000);
    default:
      throw unsupported(filter);
  }
}

function humanize(value: number): string {
  const size = Math.abs(value);
  for (const [unit, factor] of [
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (size >= factor) return `${Number((value / factor).toPrecision(4))}${unit}`;
  return String(Number(value.toPrecision(4)));
}

const unsupported = (text: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', 'A label or annotation uses a template action that is not supported.', {
    details: { template: text.slice(0, 200) },
    hint: HINT,
  });
