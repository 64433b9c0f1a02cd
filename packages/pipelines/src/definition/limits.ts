/** What a definition may be at most: enough for any fleet, small enough to check within a second. */
export const LIMITS = {
  /** Characters of a definition as text. */
  text: 262_144,
  depth: 40,
  /** Aliases of a YAML text, multiplied by what they stand for. */
  yamlAliases: 100,
  steps: 500,
  /** Items of one forEach. */
  items: 500,
  expression: 4_000,
  /** Expressions of one pipeline. */
  expressions: 5_000,
  problems: 50,
} as const;
