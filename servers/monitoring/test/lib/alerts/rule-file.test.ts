import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, whyNoProgram } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_RULES } from '../../../src/lib/alerts/default-rules.ts';
import { checkRule } from '../../../src/lib/alerts/rule.ts';
import { readRuleFile, writeRuleFile } from '../../../src/lib/alerts/rule-file.ts';
import { renderTemplate } from '../../../src/lib/alerts/template.ts';
import { whySkipped } from '../../helpers/vps-process.ts';

const noPromtool = whyNoProgram('promtool', 'prometheus');

function promtool(text: string): string {
  const folder = tempDir('flotilla-promtool-');
  try {
    const file = join(folder.path, 'rules.yml');
    writeFileSync(file, text);
    return execFileSync('promtool', ['check', 'rules', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    folder.remove();
  }
}

const OWN = `
groups:
- name: shop
  interval: 1m
  rules:
  - alert: ShopSlow
    expr: avg_over_time(probe_duration_seconds{check="shop"}[5m]) > 2
    for: 10m
    keep_firing_for: 15m
    labels: { severity: critical, team: web, tier: 1 }
    annotations:
      summary: 'Shop needs {{ $value | printf "%.2f" }} s'
      runbook_url: https://example.org/shop
      flotilla_clear_expr: avg_over_time(probe_duration_seconds{check="shop"}[5m]) < 1
`;

describe.skipIf(noPromtool)(`promtool check rules${whySkipped(noPromtool)}`, () => {
  test('accepts the rules that come with the server', () => {
    expect(promtool(writeRuleFile(DEFAULT_RULES))).toContain(`SUCCESS: ${DEFAULT_RULES.length} rules found`);
  });

  test('accepts what was read from a file and written again', () => {
    const rules = readRuleFile(OWN).map((one) => ({ ...one, enabled: true, builtIn: false }));
    const text = writeRuleFile(rules);
    expect(promtool(text)).toContain('SUCCESS: 1 rules found');
    expect(readRuleFile(text)).toEqual(readRuleFile(OWN));
    expect(parse(text).groups[0].rules[0].labels).toEqual({ severity: 'critical', team: 'web', tier: '1' });
  });

  test('refuses what we refuse: the oracle is not blind', () => {
    const broken = OWN.replace('> 2', '> (2');
    expect(() => promtool(broken)).toThrow();
    expect(() => readRuleFile(broken)).toThrow();
  });
});

test('the built-in rules are ones that are evaluated here', () => {
  for (const { rule } of DEFAULT_RULES) checkRule(rule);
  expect(new Set(DEFAULT_RULES.map(({ rule }) => rule.alert)).size).toBe(DEFAULT_RULES.length);
});

test.each([
  ['no YAML', 'groups: [', 'YAML'],
  ['another document', 'a: 1', 'rule file'],
  ['a recording rule', 'groups: [{name: g, rules: [{record: "a:b", expr: up}]}]', 'recording'],
  ['a rule without name', 'groups: [{name: g, rules: [{expr: up}]}]', 'wrong rule'],
  [
    'an expression that is not supported',
    'groups: [{name: g, rules: [{alert: A, expr: "topk(1, up)"}]}]',
    'topk',
  ],
  ['a wrong duration', 'groups: [{name: g, rules: [{alert: A, expr: up, for: soon}]}]', 'wrong rule'],
  [
    'an unknown template',
    'groups: [{name: g, rules: [{alert: A, expr: up, annotations: {summary: "{{ query }}"}}]}]',
    'template',
  ],
  [
    'a bomb of aliases',
    `a: &a [x,x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`},*${i === 0 ? 'a' : `b${i - 1}`}]`).join('\n')}`,
    '',
  ],
])('a rule file with %s is refused', (_what, text, words) => {
  expect(() => readRuleFile(text)).toThrow(words);
});

test('templates in the words of Prometheus', () => {
  const values = { labels: { instance: 'web1', mountpoint: '/srv' }, value: 1234.5678 };
  const filled = (text: string): string => renderTemplate(text, values);
  // White space without an end is read at once.
  expect(() => filled(`{{${' '.repeat(20_000)}`)).toThrow();
  expect(() => filled('{{ '.repeat(5_000))).toThrow();
  expect(filled('{{ $labels.mountpoint }} on {{$labels.instance}}: {{ $value }}')).toBe(
    '/srv on web1: 1234.5678',
  );
  expect(filled('{{ $value | humanize }} {{ $value | printf "%.1f" }} {{ printf "%.0f" $value }}')).toBe(
    '1.235k 1234.6 1235',
  );
  expect(filled('{{ $value | humanizeDuration }} {{ $labels.absent }}.')).toBe('20 min 35 s .');
  for (const text of ['{{ query "up" }}', '{{ $value | nosuch }}', '{{ if true }}', '{{ $labels }}', '{{'])
    expect(() => filled(text)).toThrow('template');
});
