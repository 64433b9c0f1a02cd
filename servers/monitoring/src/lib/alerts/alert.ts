import type { Cause } from './cause/cause.ts';
import type { Labels } from './promql/ast.ts';

export type AlertState = 'pending' | 'firing' | 'resolved';

/** One thing that is wrong: a rule and the labels for which it holds. Times are epoch milliseconds. */
export interface Alert {
  /** Of its labels; the same as Alertmanager's. */
  fingerprint: string;
  rule: string;
  source: 'rule' | 'alertmanager';
  labels: Labels;
  annotations: Labels;
  value?: number | undefined;
  state: AlertState;
  activeAt: number;
  firedAt?: number | undefined;
  resolvedAt?: number | undefined;
  /** When the expression last held. */
  trueAt: number;
  /** The last evaluation with data of it. */
  seenAt: number;
  /** There is no data now, so it stays what it was. */
  held: boolean;
  cause?: Cause | undefined;
}

const MASK = (1n << 64n) - 1n;
const PRIME = 1_099_511_628_211n;

/** FNV-1a over sorted names and values, as Prometheus' model.LabelSet.Fingerprint. */
export function fingerprintOf(labels: Labels): string {
  let hash = 14_695_981_039_346_656_037n;
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  };
  for (const name of Object.keys(labels).sort()) {
    for (const byte of Buffer.from(name)) add(byte);
    add(255);
    for (const byte of Buffer.from(labels[name] ?? '')) add(byte);
    add(255);
  }
  return hash.toString(16).padStart(16, '0');
}

/** A label that is empty is a label that is absent. */
export const withoutEmpty = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

export const summaryOf = ({
  annotations,
  labels,
  rule,
}: Pick<Alert, 'annotations' | 'labels' | 'rule'>): string =>
  annotations['summary'] || annotations['description'] || `${rule} ${labels['instance'] ?? ''}`.trim();
