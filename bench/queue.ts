// Queues: from the call to the start of the handler, whole runs per second, and memory with many waiting runs.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startRedis } from '@flotilla/testkit';
import { bullmqDriver, type EngineSubject, engineOver, rawBullmq, type Subject } from './lib/queues.ts';
import { concurrent, median, quantile } from './lib/stats.ts';
import { printTable } from './lib/table.ts';

const LATENCIES = 300;
const ROUNDS = 5;
const RUNS = 3_000;
const IN_FLIGHT = 64;
const QUEUED = 10_000;

const redis = await startRedis();
const subjects: Subject[] = [
  await rawBullmq(redis.port),
  await bullmqDriver(redis.url),
  await engineOver('runs, queue in Redis', { url: redis.url }),
  await engineOver('runs, embedded queue'),
];

/** One after the other and in turns, so that the load of the machine is the same for all. */
async function startLatencies(): Promise<Map<Subject, number[]>> {
  const times = new Map(subjects.map((subject) => [subject, [] as number[]]));
  const began = new Map<string, () => void>();
  for (const subject of subjects) subject.onStart((key) => began.get(key)?.());
  for (let index = -20; index < LATENCIES; index += 1) {
    for (const [at, subject] of subjects.entries()) {
      const key = `l${at}-${index + 20}`;
      const started = new Promise<number>((resolve) => began.set(key, () => resolve(performance.now())));
      const before = performance.now();
      await subject.submit(key);
      const took = (await started) - before;
      began.delete(key);
      if (index >= 0) times.get(subject)?.push(took);
      await subject.ended(key);
    }
  }
  return times;
}

const latencies = await startLatencies();
const base = median(latencies.get(subjects[0] as Subject) ?? []);
printTable(
  'From the call to the start of its handler, idle queue (ms)',
  ['subject', 'median', 'p95', 'of BullMQ itself'],
  subjects.map((subject) => {
    const all = latencies.get(subject) ?? [];
    return [subject.name, median(all), quantile(all, 0.95), `${(median(all) / base).toFixed(2)} ×`];
  }),
);

const rates = new Map(subjects.map((subject) => [subject, [] as number[]]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [at, subject] of subjects.entries()) {
    const { perSecond, failed, firstFailure } = await concurrent(RUNS / ROUNDS, IN_FLIGHT, async (index) => {
      const key = `t${at}-${round}-${index}`;
      await subject.submit(key);
      await subject.ended(key);
    });
    if (failed > 0) throw new Error(`${subject.name}: ${failed} failed: ${firstFailure}`);
    rates.get(subject)?.push(perSecond);
  }
}
printTable(
  `Submitted, executed and ended, ${IN_FLIGHT} in flight (per second; runs are durable when accepted)`,
  ['subject', 'median of rounds', 'best round'],
  subjects.map((subject) => {
    const all = rates.get(subject) ?? [];
    return [subject.name, median(all), Math.max(...all)];
  }),
);
for (const subject of subjects) await subject.close();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const mib = (bytes: number): number => bytes / 1024 / 1024;

/** Heap and resident memory of this process, with so many runs waiting behind one that does not end. */
async function fill(subject: EngineSubject): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = [];
  let queued = 0;
  for (const target of [1, QUEUED / 10, QUEUED / 2, QUEUED]) {
    const more = target - queued;
    await concurrent(more, IN_FLIGHT, (index) => subject.submit(`m${queued + index}`));
    queued = target;
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    rows.push([subject.name, subject.engine.list({ limit: 1 }).total, mib(heapUsed), mib(rss)]);
  }
  return rows;
}

const memory: (string | number)[][] = [];
for (const url of [undefined, redis.url]) {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const subject = await engineOver(url ? 'queue in Redis' : 'embedded queue', {
    ...(url && { url }),
    maxOpenRuns: QUEUED + 1,
    concurrency: 1,
    gate,
  });
  memory.push(...(await fill(subject)));
  open();
  await subject.close();
}
printTable(
  'Memory of the process with waiting runs (MiB)',
  ['subject', 'open runs', 'heap', 'resident'],
  memory,
);
await redis.stop();
