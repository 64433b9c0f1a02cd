/** What a chart shows; times in epoch milliseconds. */
export interface ChartData {
  title: string;
  /** Beneath the title: hosts, time, step. */
  subtitle: string;
  from: number;
  to: number;
  series: ChartSeries[];
  /** Writes a value as a person reads it, on the axis and in the legend. */
  format(value: number): string;
  /** Percentages end at 100. */
  max?: number;
  /** Values of 1024 steps: ticks at powers of two. */
  binary?: boolean;
  /** Time without an answer. */
  gaps: { from: number; until: number }[];
  /** A line across, e.g. the size of a disk. */
  limits: { value: number; label: string }[];
  /** Now, when part of the chart lies ahead. */
  now?: number;
}

export interface ChartSeries {
  name: string;
  points: [at: number, value: number | null][];
  /** Ahead of now: drawn dashed. */
  forecast?: boolean;
}

export interface ChartSize {
  width: number;
  height: number;
}
