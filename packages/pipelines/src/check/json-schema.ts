export type JsonSchema = Record<string, unknown>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const branchesOf = (schema: JsonSchema): JsonSchema[] =>
  ['anyOf', 'oneOf', 'allOf'].flatMap((key) =>
    Array.isArray(schema[key]) ? schema[key].filter(isSchema) : [],
  );

/** The schemas that stand at a path of the arguments; none when the schema does not say. */
export function schemasAt(schema: JsonSchema, path: readonly string[]): JsonSchema[] {
  const [first, ...rest] = path;
  if (first === undefined) return [schema];
  const { properties, additionalProperties, items } = schema;
  const own = isSchema(properties) && Object.hasOwn(properties, first) ? properties[first] : undefined;
  const next = [own ?? additionalProperties, /^\d+$/.test(first) ? items : undefined].filter(isSchema);
  return [
    ...next.flatMap((one) => schemasAt(one, rest)),
    ...branchesOf(schema).flatMap((one) => schemasAt(one, path)),
  ];
}

/** JSON types that a schema admits; empty when it does not say. */
export function typesOf(schema: JsonSchema): Set<string> {
  const { type, enum: values, const: constant } = schema;
  const named = [type].flat().filter((one) => typeof one === 'string') as string[];
  const fixed = [...(Array.isArray(values) ? values : []), ...('const' in schema ? [constant] : [])].map(
    typeOf,
  );
  return new Set([...named, ...fixed, ...branchesOf(schema).flatMap((branch) => [...typesOf(branch)])]);
}

export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Stands for a text that is not known yet. */
export const SAMPLE = 'not-known-yet';

/** Some value that the schema is likely to admit, in the place of one that is not known yet. */
export function sampleOf(schema: JsonSchema | undefined): unknown {
  if (!schema) return SAMPLE;
  const { enum: values, const: constant, default: standard, minimum, minItems, items } = schema;
  if (constant !== undefined) return constant;
  if (Array.isArray(values)) return values[0];
  if (standard !== undefined) return standard;
  const [branch] = branchesOf(schema);
  const [type = branch ? undefined : 'string'] = typesOf({ ...schema, anyOf: undefined, oneOf: undefined });
  if (type === undefined) return sampleOf(branch);
  if (type === 'string') return SAMPLE;
  if (type === 'number' || type === 'integer') return typeof minimum === 'number' ? Math.max(minimum, 1) : 1;
  if (type === 'boolean') return false;
  if (type === 'array')
    return Array.from({ length: Number(minItems ?? 0) }, () => sampleOf(isSchema(items) ? items : undefined));
  return type === 'object' ? {} : null;
}
