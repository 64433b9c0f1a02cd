import type { Labels } from '@flotilla/metrics';
import type { CompactSeries } from './compact.ts';
import { formatValue, type Unit } from './units.ts';

export const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(', ')}}`;
};

export const seriesTitle = ({
  alias,
  name,
  labels,
}: Pick<CompactSeries, 'alias' | 'name' | 'labels'>): string =>
  `${alias === undefined ? '' : `${alias} `}${name}${labelText(labels)}`;

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The shape of a series in a line of text; blanks where nothing was measured. */
export function sparkline(values: readonly (number | null)[], width = 40): string {
  const size = Math.max(1, Math.ceil(values.length / width));
  const cells = Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
    const part = values.slice(index * size, (index + 1) * size).filter((value) => value !== null);
    return part.length === 0 ? undefined : part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const known = cells.filter((cell) => cell !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return cells
    .map((cell) => {
      if (cell === undefined) return ' ';
      const height = high > low ? ((cell - low) / (high - low)) * (BLOCKS.length - 1) : 0;
      return BLOCKS[Math.round(height)];
    })
    .join('');
}

/** One line per series: name, range, last value and shape. */
export function renderSeries(series: readonly CompactSeries[]): string {
  return series
    .map((one) => {
      const value = (number: number): string => formatValue(number, one.unit as Unit);
      return `${seriesTitle(one)}: last ${value(one.last)}, min ${value(one.min)}, avg ${value(one.avg)}, max ${value(one.max)}  ${sparkline(one.values)}`;
    })
    .join('\n');
}
