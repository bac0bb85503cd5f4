// JSON Schema as OpenAI's clients write it. Most libraries that make one of a type still write draft-07; the core reads
// 2020-12. Where both have the same under other names, it is renamed. What only an older draft knows stays as it is,
// and the core says of it what to do. Pure.

/** Drafts that are read as 2020-12 once these names are changed. */
const OLDER = /^https?:\/\/json-schema\.org\/(draft-0[67]|draft\/2019-09)\/schema#?$/;

const DEFINITIONS = /^#\/definitions\//;

/** Keywords whose value is a schema, a list of them, or an object of them. */
const ONE = ["additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"];
const LISTS = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
const OBJECTS = ["$defs", "dependentSchemas", "patternProperties", "properties"];

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** The schema as 2020-12 has it; as it is where it says that it is of another draft. */
export function modern(schema) {
  const { $schema, ...rest } = schema;
  if ($schema !== undefined && !(typeof $schema === "string" && OLDER.test($schema))) return schema;
  const { definitions, ...others } = rest;
  if (!isObject(definitions) || rest.$defs !== undefined) return translated(rest);
  return translated({ ...others, $defs: definitions }, (ref) => ref.replace(DEFINITIONS, "#/$defs/"));
}

function translated(schema, moved = (ref) => ref) {
  if (!isObject(schema)) return schema;
  const result = withTuple(schema);
  const inner = (value) => translated(value, moved);
  if (typeof result.$ref === "string") result.$ref = moved(result.$ref);
  for (const name of ONE) if (isObject(result[name])) result[name] = inner(result[name]);
  for (const name of LISTS) if (Array.isArray(result[name])) result[name] = result[name].map(inner);
  for (const name of OBJECTS)
    if (isObject(result[name]))
      result[name] = Object.fromEntries(Object.entries(result[name]).map(([key, value]) => [key, inner(value)]));
  return result;
}

/**
 * A list of schemas for the first items was `items`, and what it said of the others `additionalItems`.
 *
 * @returns {Record<string, any>}
 */
function withTuple(schema) {
  const { items, additionalItems, ...rest } = schema;
  if (!Array.isArray(items) || rest.prefixItems !== undefined) return { ...schema };
  return { ...rest, prefixItems: items, ...(additionalItems === undefined ? {} : { items: additionalItems }) };
}
