import { AlertRule, CLEAR_ANNOTATION, type Severity, type StoredRule } from './rule.ts';

const LOCAL = 'fstype!~"tmpfs|devtmpfs|overlay|squashfs|iso9660|ramfs"';

interface Words {
  for?: string;
  keep?: string;
  /** While firing, this must hold before the alert ends. */
  clear?: string;
  summary: string;
  description?: string;
}

function rule(alert: string, severity: Severity, expr: string, words: Words): AlertRule {
  return AlertRule.parse({
    alert,
    expr,
    for: words.for ?? '0s',
    keep_firing_for: words.keep ?? '0s',
    labels: { severity },
    annotations: {
      summary: words.summary,
      ...(words.description !== undefined && { description: words.description }),
      ...(words.clear !== undefined && { [CLEAR_ANNOTATION]: words.clear }),
    },
  });
}

const AVAILABLE = `100 * node_filesystem_avail_bytes{${LOCAL}} / node_filesystem_size_bytes{${LOCAL}}`;
const INODES = `100 * node_filesystem_files_free{${LOCAL}} / node_filesystem_files{${LOCAL}}`;
const MEMORY = '100 * node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes';

const RULES: readonly AlertRule[] = [
  rule('HostDown', 'critical', 'up == 0', {
    for: '1m',
    summary: '{{ $labels.instance }} does not answer',
    description: 'Several looks in a row at {{ $labels.instance }} gave nothing.',
  }),
  rule('DiskFull', 'critical', `${AVAILABLE} < 5`, {
    for: '1m',
    keep: '5m',
    clear: `${AVAILABLE} > 8`,
    summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} has {{ $value | printf "%.1f" }} % left',
  }),
  rule('DiskAlmostFull', 'warning', `${AVAILABLE} < 15`, {
    for: '5m',
    keep: '10m',
    clear: `${AVAILABLE} > 18`,
    summary: '{{ $labels.mountpoint }} on {{ $labels.instance }} has {{ $value | printf "%.1f" }} % left',
  }),
  rule('DiskFillsUpSoon', 'warning', 'flotilla:disk_full_days < 4', {
    for: '30m',
    keep: '1h',
    summary:
      '{{ $labels.mountpoint }} on {{ $labels.instance }} is full in {{ $value | printf "%.1f" }} days',
    description:
      'By the median slope of the days before (Theil-Sen), which a single dump or rotation does not move.',
  }),
  rule(
    'DiskFillsUpNow',
    'critical',
    `predict_linear(node_filesystem_avail_bytes{${LOCAL}}[15m], 3600) < 0 and ${AVAILABLE} < 30`,
    {
      for: '5m',
      keep: '10m',
      summary:
        '{{ $labels.mountpoint }} on {{ $labels.instance }} is full within an hour if it goes on like this',
    },
  ),
  rule('InodesAlmostUsedUp', 'warning', `${INODES} < 10 and node_filesystem_files > 0`, {
    for: '5m',
    keep: '10m',
    summary:
      '{{ $labels.mountpoint }} on {{ $labels.instance }} has {{ $value | printf "%.1f" }} % of its inodes left',
  }),
  rule('MemoryAlmostUsedUp', 'warning', `${MEMORY} < 10`, {
    for: '5m',
    keep: '5m',
    clear: `${MEMORY} > 15`,
    summary: '{{ $labels.instance }} has {{ $value | printf "%.1f" }} % of its memory available',
  }),
  rule('LoadHigh', 'warning', 'node_load5 / cpu_count > 2', {
    for: '15m',
    keep: '5m',
    summary: '{{ $labels.instance }} has {{ $value | printf "%.1f" }} times as much work as cores',
  }),
  rule('ContainerRestartLoop', 'critical', 'delta(flotilla_container_restarts[10m]) >= 3', {
    keep: '10m',
    summary:
      'Container {{ $labels.name }} on {{ $labels.instance }} was restarted {{ $value }} times in 10 minutes',
  }),
  rule('UnitFailed', 'warning', 'node_systemd_unit_state{state="failed"} == 1', {
    for: '1m',
    summary: '{{ $labels.name }} on {{ $labels.instance }} has failed',
  }),
  rule('CertificateExpiresSoon', 'warning', 'probe_ssl_earliest_cert_expiry - time() < 14 * 86400', {
    for: '10m',
    summary: 'The certificate of a check expires in {{ $value | humanizeDuration }}',
  }),
  rule('CheckFailed', 'critical', 'probe_success == 0', {
    for: '1m',
    summary: 'A check fails: {{ $labels.check }}',
  }),
];

/** What is looked at without anybody having written a rule. */
export const DEFAULT_GROUP = 'flotilla';
export const DEFAULT_RULES: readonly StoredRule[] = RULES.map((one) => ({
  group: DEFAULT_GROUP,
  rule: one,
  enabled: true,
  builtIn: true,
}));
