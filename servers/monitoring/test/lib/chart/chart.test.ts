import { describe, expect, test } from 'vitest';
import type { ChartData } from '../../../src/lib/chart/chart-data.ts';
import { chartOfSeries, shortNames } from '../../../src/lib/chart/chart-of-series.ts';
import { axisMax, chartOption } from '../../../src/lib/chart/chart-option.ts';
import { drawChart } from '../../../src/lib/chart/draw.ts';
import { THEMES } from '../../../src/lib/chart/theme.ts';
import { rangeText, tickStep, tickText } from '../../../src/lib/chart/time-axis.ts';
import type { CompactSeries } from '../../../src/lib/series/compact.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FROM = Date.UTC(2026, 4, 20);

const data = (part: Partial<ChartData> = {}): ChartData => ({
  title: 'CPU',
  subtitle: 'cpu_percent',
  from: FROM,
  to: FROM + DAY,
  series: [
    {
      name: 'web1',
      points: [
        [FROM, 1],
        [FROM + HOUR, null],
        [FROM + 2 * HOUR, 7.3],
      ],
    },
  ],
  format: (value) => `${value} %`,
  gaps: [],
  limits: [],
  ...part,
});

const series = (part: Partial<CompactSeries>): CompactSeries => ({
  alias: 'web1',
  name: 'disk_percent',
  labels: {},
  unit: 'percent',
  start: new Date(FROM).toISOString(),
  stepSeconds: 300,
  values: [1, null, 3],
  min: 1,
  avg: 2,
  max: 3,
  last: 3,
  ...part,
});

describe('the value axis', () => {
  const top = (value: number, part: Partial<ChartData> = {}): number =>
    axisMax(data({ series: [{ name: 'a', points: [[FROM, value]] }], ...part }));

  test('ends at a round number above the largest value', () => {
    expect(top(7.3)).toBe(8);
    expect(top(0.42)).toBe(0.5);
    expect(top(9.9)).toBe(15);
    expect(top(0)).toBe(1);
  });

  test('has powers of two for bytes', () => {
    expect(top(3.5 * 1024 ** 3, { binary: true })).toBe(4 * 1024 ** 3);
    expect(top(700 * 1024, { binary: true })).toBe(800 * 1024);
  });

  test('percentages end at 100, unless they are so small that nothing would be seen', () => {
    expect(top(55, { max: 100 })).toBe(100);
    expect(top(3, { max: 100 })).toBe(4);
  });

  test('limits are inside the picture', () => {
    expect(top(10, { limits: [{ value: 80, label: 'size' }] })).toBeGreaterThan(80);
  });
});

describe('the time axis', () => {
  test('ticks are at round times, some eight of them', () => {
    for (const span of [15 * 60_000, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY]) {
      expect(span / tickStep(span)).toBeLessThanOrEqual(10);
      expect(span / tickStep(span)).toBeGreaterThanOrEqual(2);
    }
  });

  test('a tick says the day where one begins', () => {
    expect(tickText(FROM, DAY)).toBe('20 May');
    expect(tickText(FROM + 6 * HOUR, DAY)).toBe('06:00');
    expect(tickText(FROM + 6 * HOUR, 30 * DAY)).toBe('20 May');
    expect(tickText(FROM, 500 * DAY)).toBe('May 2026');
    expect(rangeText(FROM, FROM + 2 * HOUR)).toBe('20 May 00:00 – 02:00 UTC');
    expect(rangeText(FROM, FROM + DAY)).toBe('20 May 00:00 – 21 May 00:00 UTC');
  });
});

describe('names in the legend', () => {
  test('what is the same everywhere goes without saying', () => {
    const mounts = ['/', '/srv'].map((mountpoint) => series({ labels: { mountpoint, fstype: 'ext4' } }));
    expect(shortNames(mounts)).toEqual(['/', '/srv']);
    expect(shortNames([series({}), series({ alias: 'web2' })])).toEqual(['web1', 'web2']);
    expect(shortNames([series({}), series({ alias: 'web2', labels: { mountpoint: '/' } })])).toEqual([
      'web1',
      'web2 /',
    ]);
    expect(shortNames([series({}), series({ name: 'cpu_percent' })])).toEqual(['Disk use', 'CPU']);
  });
});

test('a chart says what it shows, of whom and when', () => {
  const chart = chartOfSeries([series({ labels: { mountpoint: '/' } })], {
    from: FROM,
    to: FROM + DAY,
    gaps: [{ from: FROM - HOUR, until: FROM + HOUR }],
  });
  expect(chart.title).toBe('Disk use of web1');
  expect(chart.subtitle).toBe(
    'disk_percent{mountpoint="/"} · 20 May 00:00 – 21 May 00:00 UTC · steps of 5 min',
  );
  expect(chart.gaps).toEqual([{ from: FROM, until: FROM + HOUR }]);
  expect(chart.series[0]?.points).toEqual([
    [FROM, 1],
    [FROM + 300_000, null],
    [FROM + 600_000, 3],
  ]);
  expect(chart.max).toBe(100);
});

test('gaps, limits and forecasts are in the picture; a hole in the values stays one', () => {
  const option = JSON.stringify(
    chartOption(
      data({
        gaps: [{ from: FROM + HOUR, until: FROM + 3 * HOUR }],
        limits: [{ value: 90, label: 'critical' }],
        now: FROM + 4 * HOUR,
        series: [
          {
            name: 'used',
            points: [
              [FROM, 1],
              [FROM + HOUR, null],
            ],
          },
          { name: 'used', forecast: true, points: [[FROM, 1]] },
        ],
      }),
      THEMES.light,
    ),
  );
  expect(option).toContain(`[{"xAxis":${FROM + HOUR}},{"xAxis":${FROM + 3 * HOUR}}]`);
  expect(option).toContain('"formatter":"critical"');
  expect(option).toContain('"type":[6,5]');
  expect(option).toContain('"connectNulls":false');
});

test('hostile names do no harm to a picture', async () => {
  const name = '</text><script>alert(1)</script>\u0000 & "quoted" \u202e';
  const png = await drawChart(
    data({
      title: name,
      series: [
        {
          name,
          points: [
            [FROM, 1],
            [FROM + HOUR, 2],
          ],
        },
      ],
    }),
    {
      width: 400,
      height: 300,
    },
  );
  expect(Buffer.from(png).readUInt32BE(16)).toBe(600);
});

test('dark and light pictures differ, and both have ink', async () => {
  const size = { width: 400, height: 300 };
  const [light, dark] = [await drawChart(data(), size, 'light'), await drawChart(data(), size, 'dark')];
  expect(Buffer.compare(light, dark)).not.toBe(0);
  expect(Math.min(light.byteLength, dark.byteLength)).toBeGreaterThan(5_000);
});
