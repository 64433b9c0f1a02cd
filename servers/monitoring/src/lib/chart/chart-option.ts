import type { ChartData, ChartSeries } from './chart-data.ts';
import type { Theme } from './theme.ts';
import { tickStep, tickText } from './time-axis.ts';

const FONT = 'Inter';
const MAX_LEGEND = 40;

const shorten = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`;

const lastOf = ({ points }: ChartSeries): number | undefined =>
  points.findLast(([, value]) => value !== null)?.[1] ?? undefined;

/** The largest value that is shown, with room above; 1024 steps for bytes. */
export function axisMax(data: ChartData): number {
  const values = data.series.flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  const limits = data.limits.map(({ value }) => value);
  const top = Math.max(0, ...values, ...limits);
  if (data.max !== undefined && top > data.max * 0.4) return Math.max(data.max, top);
  if (top === 0) return 1;
  return niceCeiling(top * 1.08, data.binary ? 1024 : 1000);
}

/** Ends of an axis and the number of even parts that they are cut into, at round numbers. */
const ENDS: readonly [end: number, parts: number][] = [
  [1, 5],
  [1.5, 3],
  [2, 4],
  [2.5, 5],
  [3, 3],
  [4, 4],
  [5, 5],
  [6, 3],
  [8, 4],
  [10, 5],
];

/** Parts that an axis with this end is cut into. */
export function axisParts(max: number, base: number): number {
  const { scaled, power } = inUnit(max, base);
  return ENDS.find(([end]) => Math.abs(end * power - scaled) < power / 1e6)?.[1] ?? 5;
}

function inUnit(value: number, base: number): { unit: number; scaled: number; power: number } {
  const unit = value >= base ? base ** Math.floor(Math.log(value * 1.000001) / Math.log(base)) : 1;
  const scaled = value / unit;
  return { unit, scaled, power: 10 ** Math.floor(Math.log10(scaled * 1.000001)) };
}

/** A round number of the largest unit that fits. */
function niceCeiling(value: number, base: number): number {
  const { unit, scaled, power } = inUnit(value, base);
  const end = ENDS.find(([one]) => one * power >= scaled)?.[0] ?? 10;
  return end * power * unit;
}

function lineSeries(series: ChartSeries, color: string, alone: boolean): Record<string, unknown> {
  return {
    type: 'line',
    name: series.name,
    data: series.points,
    showSymbol: false,
    connectNulls: false,
    smooth: false,
    lineStyle: { width: alone ? 2.2 : 1.8, color, ...(series.forecast && { type: [6, 5] }) },
    itemStyle: { color },
    ...(alone &&
      !series.forecast && {
        areaStyle: {
          color: {
            ...{ type: 'linear', x: 0, y: 0, x2: 0, y2: 1 },
            colorStops: [
              { offset: 0, color: `${color}55` },
              { offset: 1, color: `${color}08` },
            ],
          },
        },
      }),
  };
}

/** Lines across and times without an answer: they belong to no series, so they have one of their own. */
function marks(data: ChartData, theme: Theme): Record<string, unknown> {
  const label = { fontFamily: FONT, fontSize: 12, color: theme.limit, position: 'insideEndTop', distance: 4 };
  return {
    type: 'line',
    data: [],
    silent: true,
    markArea: {
      itemStyle: { color: theme.gap },
      data: data.gaps.map(({ from, until }) => [{ xAxis: from }, { xAxis: until }]),
    },
    markLine: {
      symbol: 'none',
      lineStyle: { color: theme.limit, type: [4, 4], width: 1.2 },
      data: [
        ...data.limits.map((limit) => ({ yAxis: limit.value, label: { ...label, formatter: limit.label } })),
        ...(data.now === undefined
          ? []
          : [
              {
                xAxis: data.now,
                lineStyle: { color: theme.faint },
                label: { ...label, color: theme.faint, formatter: 'now', position: 'end' },
              },
            ]),
      ],
    },
  };
}

/** The chart in the words of echarts. Pure, for tests and for any of its renderers. */
export function chartOption(data: ChartData, theme: Theme): Record<string, unknown> {
  const shown = data.series.filter(({ forecast }) => !forecast);
  const colorOf = new Map(
    shown.map(({ name }, index) => [name, theme.colors[index % theme.colors.length] as string]),
  );
  const alone = shown.length === 1;
  const max = axisMax(data);
  const base = data.binary ? 1024 : 1000;
  const span = data.to - data.from;
  const last = new Map(shown.map((series) => [series.name, lastOf(series)]));
  const text = (name: string): string => {
    const value = last.get(name);
    return `${shorten(name, MAX_LEGEND)}${value === undefined ? '' : `   ${data.format(value)}`}`;
  };
  const legendRows = Math.ceil(shown.length / 3);
  return {
    animation: false,
    backgroundColor: theme.background,
    textStyle: { fontFamily: FONT },
    title: {
      left: 24,
      top: 18,
      itemGap: 7,
      text: shorten(data.title, 90),
      subtext: shorten(data.subtitle, 120),
      textStyle: { fontFamily: FONT, fontSize: 19, fontWeight: 600, color: theme.text },
      subtextStyle: { fontFamily: FONT, fontSize: 13, color: theme.faint },
    },
    legend: {
      left: 20,
      bottom: 14,
      itemWidth: 16,
      itemHeight: 4,
      itemGap: 22,
      icon: 'roundRect',
      data: shown.slice(0, 12).map(({ name }) => name),
      formatter: text,
      textStyle: { fontFamily: FONT, fontSize: 12.5, color: theme.text },
    },
    grid: {
      left: 24,
      right: 32,
      top: 84,
      bottom: 34 + 20 * Math.max(1, Math.min(4, legendRows)),
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: {
      type: 'value',
      min: data.from,
      max: data.to,
      interval: tickStep(span),
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        fontFamily: FONT,
        fontSize: 12,
        color: theme.faint,
        margin: 12,
        hideOverlap: true,
        customValues: ticks(data.from, data.to),
        formatter: (at: number) => tickText(at, span),
      },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max,
      interval: max / axisParts(max, base),
      axisLabel: {
        fontFamily: FONT,
        fontSize: 12,
        color: theme.faint,
        margin: 12,
        formatter: (value: number) => data.format(value).replace(/\.0(?= )/, ''),
      },
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
    },
    series: [
      ...data.series.map((series) =>
        lineSeries(series, colorOf.get(series.name) ?? (theme.colors[0] as string), alone),
      ),
      marks(data, theme),
    ],
  };
}

function ticks(from: number, to: number): number[] {
  const step = tickStep(to - from);
  const first = Math.ceil(from / step) * step;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, index) => first + index * step,
  );
}
