export type JsonSchema = Record<string, unknown>;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A schema inside a schema, and where. */
export interface Place {
  path: string;
  schema: JsonSchema;
  /** It is the value of a named property. */
  property: boolean;
}

function children({ path, schema }: Place): Place[] {
  const { properties, items, additionalProperties } = schema;
  const named = isSchema(properties) ? Object.entries(properties) : [];
  const branches = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const list = schema[key];
    return Array.isArray(list) ? (list as unknown[]) : [];
  });
  const unnamed = [items, additionalProperties, ...branches, ...(Array.isArray(items) ? items : [])];
  return [
    ...named
      .filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]))
      .map(([name, member]) => ({
        path: path === '' ? name : `${path}.${name}`,
        schema: member,
        property: true,
      })),
    ...unnamed.filter(isSchema).map((member) => ({ path: `${path}[]`, schema: member, property: false })),
  ];
}

/** Every schema inside, the root excluded. */
export function walkSchema(root: JsonSchema): Place[] {
  const found: Place[] = [];
  const visit = (place: Place) => {
    for (const child of children(place)) {
      found.push(child);
      visit(child);
    }
  };
  visit({ path: '', schema: root, property: false });
  return found;
}
