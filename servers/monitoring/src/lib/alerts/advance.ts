import { FlotillaError } from '@flotilla/core';
import { type Alert, fingerprintOf, withoutEmpty } from './alert.ts';
import { parseDuration } from './promql/duration.ts';
import { labelKey } from './promql/operators.ts';
import type { Element } from './promql/source.ts';
import { type AlertRule, withoutClear } from './rule.ts';
import { renderTemplate } from './template.ts';

/** What one evaluation of a rule found. */
export interface Evaluation {
  rule: AlertRule;
  elements: readonly Element[];
  /** Labels for which the rule's clear expression holds; absent: the rule has none. */
  cleared?: readonly Element['labels'][] | undefined;
  /** There is no data of this alert: it says neither yes nor no. */
  dark(alert: Alert): boolean;
  now: number;
  /** A longer silence between two evaluations does not count as time in which the rule held. */
  maxGapMs: number;
}

/** The alerts of a rule after an evaluation. A pending one that no longer holds is left out. */
export function advance(before: readonly Alert[], evaluation: Evaluation): Alert[] {
  const { rule, elements, now } = evaluation;
  const known = new Map(before.map((alert) => [alert.fingerprint, alert]));
  const after = new Map<string, Alert>();
  for (const element of elements) {
    const labels = labelsOf(rule, element);
    const fingerprint = fingerprintOf(labels);
    if (after.has(fingerprint))
      throw new FlotillaError('CONFLICT', `${rule.alert}: its labels do not tell two series apart.`);
    const found = { fingerprint, labels, annotations: annotationsOf(rule, element), value: element.value };
    after.set(fingerprint, holds(known.get(fingerprint), found, evaluation));
  }
  for (const alert of before) {
    if (after.has(alert.fingerprint)) continue;
    const rest = holdsNot(alert, evaluation);
    if (rest) after.set(alert.fingerprint, rest);
  }
  return [...after.values()].map((alert) =>
    alert.state === 'pending' ? firedIfDue(alert, rule, now) : alert,
  );
}

type Found = Pick<Alert, 'fingerprint' | 'labels' | 'annotations' | 'value'>;

function holds(old: Alert | undefined, found: Found, { rule, now, maxGapMs }: Evaluation): Alert {
  if (old === undefined || old.state === 'resolved') {
    const base = { rule: rule.alert, source: 'rule', state: 'pending', held: false } as const;
    return { ...base, ...found, activeAt: now, trueAt: now, seenAt: now };
  }
  const gap = now - old.seenAt;
  // Below zero: the clock was put back.
  const blind = old.state === 'pending' && (gap > maxGapMs || gap < 0) ? gap : 0;
  return { ...old, ...found, activeAt: old.activeAt + blind, trueAt: now, seenAt: now, held: false };
}

function firedIfDue(alert: Alert, rule: AlertRule, now: number): Alert {
  const due = !alert.held && now - alert.activeAt >= parseDuration(rule.for);
  return due ? { ...alert, state: 'firing', firedAt: now, cause: undefined } : alert;
}

function holdsNot(alert: Alert, evaluation: Evaluation): Alert | undefined {
  const { rule, now } = evaluation;
  if (alert.state === 'resolved') return alert;
  if (evaluation.dark(alert)) return { ...alert, held: true };
  if (alert.state === 'pending') return undefined;
  const seen = { ...alert, held: false, seenAt: now };
  const quiet = now - alert.trueAt;
  if (quiet >= 0 && quiet < parseDuration(rule.keep_firing_for)) return seen;
  const cleared = evaluation.cleared;
  if (cleared && !cleared.some((labels) => covers(alert.labels, labels))) return seen;
  return { ...seen, state: 'resolved', resolvedAt: now };
}

/** The alert is about the series with these labels. */
const covers = (labels: Alert['labels'], series: Element['labels']): boolean =>
  Object.entries(series).every(([name, value]) => labels[name] === value);

function labelsOf(rule: AlertRule, element: Element): Alert['labels'] {
  const own = Object.entries(rule.labels).map(([name, text]) => [name, renderTemplate(text, element)]);
  return withoutEmpty({ ...element.labels, ...Object.fromEntries(own), alertname: rule.alert });
}

const annotationsOf = (rule: AlertRule, element: Element): Alert['annotations'] =>
  Object.fromEntries(
    Object.entries(withoutClear(rule.annotations)).map(([name, text]) => [
      name,
      renderTemplate(text, element),
    ]),
  );

/** Whether anything but times of evaluation differs: what is worth a write. */
export const differs = (a: Alert | undefined, b: Alert): boolean =>
  a === undefined ||
  a.state !== b.state ||
  a.held !== b.held ||
  a.value !== b.value ||
  a.trueAt !== b.trueAt ||
  a.seenAt !== b.seenAt ||
  labelKey(a.annotations) !== labelKey(b.annotations);
