import { describe, expect, test } from 'vitest';
import { type Alert, fingerprintOf } from '../../src/lib/alerts/alert.ts';
import { alertStore } from '../../src/lib/alerts/alert-store.ts';
import type { Report } from '../../src/lib/report/report.ts';
import { historyOf, play } from '../helpers/history.ts';
import { testProcess } from '../helpers/test-process.ts';

const GIB = 2 ** 30;
const DAY_MS = 86_400_000;

describe('the report', () => {
  const on = testProcess();

  test("'report_generate' tells alerts, risks, changes, uptime and the biggest consumers of the period", async () => {
    const metrics = historyOf(on.runtime.config.dataDir);
    const end = Date.now();
    const host = 'web1';
    await play(
      metrics,
      [
        { host, name: 'up', value: () => 1 },
        { host, name: 'cpu_percent', value: () => 40 },
        { host, name: 'memory_percent', value: () => 60 },
        { host, name: 'disk_percent', labels: { mountpoint: '/' }, value: () => 70 },
        { host, name: 'node_filesystem_size_bytes', labels: { mountpoint: '/' }, value: () => 100 * GIB },
        {
          host,
          name: 'node_filesystem_avail_bytes',
          labels: { mountpoint: '/' },
          value: (at) => (5 + (end - at) / DAY_MS) * GIB,
        },
        {
          host,
          name: 'container_cpu_usage_seconds_total',
          labels: { name: 'shop', id: 'x' },
          value: () => 1.5,
        },
        {
          host,
          name: 'container_memory_working_set_bytes',
          labels: { name: 'shop', id: 'x' },
          value: () => GIB,
        },
      ],
      { days: 10 },
    );
    await metrics.miss([{ host, at: end - 1_000, reason: 'net', detail: 'x' }]);
    await metrics.close();
    const labels = { alertname: 'Slow', instance: 'web1', severity: 'critical' };
    const alert: Alert = {
      ...{
        fingerprint: fingerprintOf(labels),
        rule: 'Slow',
        source: 'rule',
        labels,
        annotations: { summary: 'slow | \u001b[31m' },
        value: 1,
        held: false,
      },
      ...{
        state: 'firing',
        activeAt: end - 3 * 3_600_000,
        firedAt: end - 2 * 3_600_000,
        trueAt: end,
        seenAt: end,
      },
    };
    await alertStore(on.runtime.services.store).save([alert], [], end - 2 * 3_600_000);
    await on.ok('alert_silence', { alert: 'Other', duration: '1h', comment: 'quiet please' });

    const report = await on.ok<Report>('report_generate', { period: 'weekly' });
    expect(report.alerts).toMatchObject([
      { alert: 'Slow', alias: 'web1', severity: 'critical', times: 1, still: true, firingMinutes: 120 },
    ]);
    expect(report.risks).toMatchObject([
      { kind: 'forecast', alias: 'web1', what: expect.stringContaining('disk /') },
    ]);
    expect(report.risks[0]?.days).toBeGreaterThan(2);
    expect(report.risks[0]?.days).toBeLessThan(8);
    expect(report.changes.map(({ tool }) => tool)).toContain('alert_silence');
    expect(report.hosts).toMatchObject([
      { alias: 'web1', cpuPercent: 40, memoryPercent: 60, diskPercent: 70, missedLooks: 1 },
    ]);
    expect(report.hosts[0]?.upPercent).toBeLessThan(100);
    expect(report.consumers).toMatchObject([
      { container: 'shop', alias: 'web1', cpuCores: 1.5, memoryBytes: GIB },
    ]);
    expect(report.notices.join()).toContain('quiet please');
    expect(report.text).toMatch(
      /# Weekly report[\s\S]*\*\*firing\*\* critical Slow on web1[\s\S]*## At risk[\s\S]*\| shop \| web1 \| 1.5 \| 1.0 GiB \|/,
    );
    expect(report.text).not.toContain('\u001b');
    expect(Buffer.byteLength(report.text)).toBeLessThan(48_000);
  });

  test('an unknown host and an unknown period are refused', async () => {
    expect((await on.fails('report_generate', { alias: 'nosuch' })).code).toBe('NOT_FOUND');
    expect((await on.fails('report_generate', { period: 'yearly' })).code).toBe('INVALID_INPUT');
  });
});
