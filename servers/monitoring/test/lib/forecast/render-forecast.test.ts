import { expect, test } from 'vitest';
import { causeLines } from '../../../src/lib/forecast/cause.ts';
import { type ResourceForecast, urgency } from '../../../src/lib/forecast/forecast-host.ts';
import { forecastText } from '../../../src/lib/forecast/render-forecast.ts';

const GIB = 1024 ** 3;
const base: ResourceForecast = {
  kind: 'disk',
  mountpoint: '/',
  state: 'filling',
  used: 73 * GIB,
  capacity: 100 * GIB,
  percent: 73,
  days: 10,
  perDay: { value: GIB, low: 0.9 * GIB, high: 1.2 * GIB },
  fullIn: { days: 27, earliest: 22.5, latest: 30 },
  confidence: 'normal',
};
const trend = 'full in 27 days (23 days to 30 days), +1.0 GiB per day';

test.each<[Partial<ResourceForecast>, string]>([
  [{}, `! disk /: ${trend}, now 73 % of 100.0 GiB`],
  [{ confidence: 'low', days: 4 }, `! disk /: ${trend} (only 4 days of data), now 73 % of 100.0 GiB`],
  [
    { fullIn: { days: 27, earliest: 22.5 } },
    '! disk /: full in 27 days (23 days at the earliest, perhaps never), +1.0 GiB per day, now 73 % of 100.0 GiB',
  ],
  [
    { state: 'acute', acuteHours: 2 },
    `!! disk /: full in 2 h at the speed of the last 15 minutes, 73 % of 100.0 GiB; the trend of 10 days alone: ${trend}`,
  ],
  [
    { state: 'acute', acuteHours: 2, perDay: undefined, fullIn: undefined },
    '!! disk /: full in 2 h at the speed of the last 15 minutes, 73 % of 100.0 GiB; too little data for a trend',
  ],
  [{ state: 'full', percent: 100 }, '!! disk / is full: 100 % of 100.0 GiB'],
  [{ state: 'unknown', days: 2 }, 'disk /: not enough data (2 of 3 days), now 73 % of 100.0 GiB'],
  [
    { state: 'shrinking', perDay: { value: -GIB, low: -GIB, high: -GIB } },
    'disk /: shrinking, -1.0 GiB per day, now 73 % of 100.0 GiB',
  ],
  [
    { kind: 'inodes', state: 'stable', capacity: 1_000, perDay: { value: 2, low: -1, high: 3 } },
    'inodes /: stable, +2 per day, now 73 % of 1000',
  ],
])('%j', (part, text) => expect(forecastText({ ...base, ...part })).toBe(text));

test('what needs a person first comes first', () => {
  const states: Partial<ResourceForecast>[] = [
    { state: 'stable', percent: 20 },
    { state: 'filling' },
    { state: 'full' },
    { state: 'stable', percent: 90 },
    { state: 'acute', acuteHours: 3 },
  ];
  const sorted = states.map((part) => ({ ...base, ...part })).sort((a, b) => urgency(a) - urgency(b));
  expect(sorted.map(({ state, percent }) => `${state} ${percent}`)).toEqual([
    'full 73',
    'acute 73',
    'filling 73',
    'stable 90',
    'stable 20',
  ]);
});

test('the cause in lines: what grew and since when, what is large, what was written', () => {
  const since = '2026-05-18T00:00:00.000Z';
  const lines = causeLines(
    {
      mountpoint: '/',
      directories: [
        { path: '/var/log', bytes: 5, grownBytes: 3, since },
        { path: '/srv', bytes: 9, grownBytes: -2, since },
        { path: '/home', bytes: 4 },
      ],
      recentFiles: [{ path: '/var/log/app.log', bytes: 2 }],
      note: 'nothing more',
    },
    (bytes) => `${bytes} B`,
  );
  expect(lines).toEqual([
    '/: nothing more',
    `5 B /var/log (+3 B since ${since})`,
    `9 B /srv (-2 B since ${since})`,
    '4 B /home',
    '2 B /var/log/app.log (written within a day)',
  ]);
});
