import { FlotillaError, listed, nearest, type StateFile } from '@flotilla/core';
import { DEFAULT_RULES } from './default-rules.ts';
import { AlertRule, type StoredRule } from './rule.ts';

const MAX_RULES = 1_000;

export interface RuleStore {
  /** Built-in ones and own ones, sorted by group and name. */
  list(): StoredRule[];
  /** NOT_FOUND with the nearest name. */
  get(name: string): StoredRule;
  save(rules: readonly { group: string; rule: AlertRule; enabled: boolean }[], now: number): Promise<void>;
  /** An own rule is deleted; a built-in one (also one that was changed) is switched off. */
  remove(name: string, now: number): Promise<'deleted' | 'disabled'>;
}

interface Row {
  name: string;
  grp: string;
  rule: string;
  enabled: number;
}

const isBuiltIn = (name: string): boolean => DEFAULT_RULES.some(({ rule }) => rule.alert === name);

function stored({ name, grp, rule, enabled }: Row): StoredRule {
  return {
    group: grp,
    rule: AlertRule.parse(JSON.parse(rule)),
    enabled: enabled === 1,
    builtIn: isBuiltIn(name),
  };
}

export function ruleStore(state: StateFile): RuleStore {
  const list = (): StoredRule[] => {
    const own = state.read((sql) => sql.all<Row>('SELECT * FROM monitoring_alert_rule')).map(stored);
    const names = new Set(own.map(({ rule }) => rule.alert));
    const all = [...DEFAULT_RULES.filter(({ rule }) => !names.has(rule.alert)), ...own];
    return all.sort((a, b) => a.group.localeCompare(b.group) || a.rule.alert.localeCompare(b.rule.alert));
  };
  const get = (name: string): StoredRule => {
    const all = list();
    const found = all.find(({ rule }) => rule.alert === name);
    if (found) return found;
    const names = all.map(({ rule }) => rule.alert);
    throw new FlotillaError('NOT_FOUND', `There is no alert rule ${JSON.stringify(name)}.`, {
      details: { name, nearest: nearest(name, names) ?? '' },
      hint: `Known: ${listed(names)}.`,
    });
  };
  const save: RuleStore['save'] = async (rules, now) => {
    const names = new Set([...list().map(({ rule }) => rule.alert), ...rules.map(({ rule }) => rule.alert)]);
    if (names.size > MAX_RULES)
      throw new FlotillaError('INVALID_INPUT', `There would be more than ${MAX_RULES} alert rules.`);
    await state.write((sql) => {
      for (const { group, rule, enabled } of rules)
        sql.run(
          `INSERT INTO monitoring_alert_rule VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET grp = excluded.grp, rule = excluded.rule, enabled = excluded.enabled, changed_at = excluded.changed_at`,
          [rule.alert, group, JSON.stringify(rule), enabled ? 1 : 0, now],
        );
    });
  };
  return {
    list,
    get,
    save,
    async remove(name, now) {
      const found = get(name);
      if (found.builtIn) {
        await save([{ ...found, enabled: false }], now);
        return 'disabled';
      }
      await state.write((sql) => sql.run('DELETE FROM monitoring_alert_rule WHERE name = ?', [name]));
      return 'deleted';
    },
  };
}
