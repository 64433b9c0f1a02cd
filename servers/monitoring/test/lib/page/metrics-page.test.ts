import { spawnSync } from 'node:child_process';
import { startSshd, waitFor, whyNoProgram } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { exposition } from '../../../src/lib/page/exposition.ts';
import { nodeFamilies } from '../../../src/lib/page/node-families.ts';
import { readingOf } from '../../helpers/look-fixture.ts';
import { samplingProcess } from '../../helpers/sampling-process.ts';

test('labels are escaped, families sorted, a series comes once', () => {
  const page = exposition([
    {
      name: 'b_total',
      type: 'counter',
      help: 'B.',
      samples: [{ labels: { path: 'a"b\\c\nd' }, value: 1.5 }],
    },
    {
      name: 'a',
      type: 'gauge',
      help: 'A.',
      samples: [
        { labels: {}, value: 1 },
        { labels: {}, value: 2 },
      ],
    },
    { name: 'none', type: 'gauge', help: 'Nothing.', samples: [] },
  ]);
  expect(page).toBe(
    '# HELP a A.\n# TYPE a gauge\na 1\n# HELP b_total B.\n# TYPE b_total counter\nb_total{path="a\\"b\\\\c\\nd"} 1.5\n',
  );
});

const noPromtool = whyNoProgram('promtool', 'prometheus');
test.skipIf(noPromtool)(`promtool accepts the page of several hosts ${noPromtool ?? ''}`, () => {
  const readings = new Map(['web1', 'db1'].map((name) => [name, readingOf('debian12-cgroup1')]));
  readings.set('router', readingOf('busybox')).set('blog', readingOf('cgroup2'));
  const page = exposition(nodeFamilies(readings));
  const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  // Names of the kernel such as MemTotal are not in snake case in node_exporter either.
  const complaints = stderr
    .split('\n')
    .filter((line) => line !== '' && !/snake_case|node_memory_HugePages|abbreviated/.test(line));
  expect(complaints).toEqual([]);
  expect([0, 3]).toContain(status);
  expect(page).toContain('node_load1{instance="router"}');
});

test('up is 1 for what answers, and a host that is gone is 0 and nothing else', async () => {
  const on = await samplingProcess({ intervalS: 1 }, await startSshd());
  await waitFor(async () => (await on.page()).includes('node_load1'), {
    timeoutMs: 30_000,
    intervalMs: 100,
    what: 'a look',
  });
  expect(await on.page()).toContain('up{instance="web1"} 1');
  await on.sshd.down();
  on.sshd.killSessions();
  await waitFor(async () => (await on.page()).includes('up{instance="web1"} 0'), {
    timeoutMs: 30_000,
    intervalMs: 100,
    what: 'up 0',
  });
  expect(await on.page()).not.toContain('node_load1');
  await on.close();
});
