import type { Labels } from '@flotilla/metrics';

export interface Family {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  samples: { labels: Labels; value: number }[];
}

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

const valueText = (value: number): string => (Number.isFinite(value) ? String(value) : 'NaN');

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${valueText(value)}`;
}

/** The text format of Prometheus, version 0.0.4: families in order of their names, each series once. */
export function exposition(families: readonly Family[]): string {
  const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = new Set<string>();
      const known = new Set<string>();
      for (const { labels, value } of samples) {
        const key = line(name, labels, 0);
        if (known.has(key)) continue;
        known.add(key);
        lines.add(line(name, labels, value));
      }
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${[...lines].join('\n')}\n`;
    })
    .join('');
}
