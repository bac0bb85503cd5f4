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
  if ($schema === undefined) return translated(schema);
  return typeof $schema === "string" && OLDER.test($schema) ? translated(rest) : schema;
}

function translated(schema) {
  if (Array.isArray(schema)) return schema.map(translated);
  if (!isObject(schema)) return schema;
  const result = renamed(schema);
  if (typeof result.$ref === "string") result.$ref = result.$ref.replace(DEFINITIONS, "#/$defs/");
  for (const name of ONE) if (isObject(result[name])) result[name] = translated(result[name]);
  for (const name of LISTS) if (Array.isArray(result[name])) result[name] = result[name].map(translated);
  for (const name of OBJECTS)
    if (isObject(result[name]))
      result[name] = Object.fromEntries(Object.entries(result[name]).map(([key, inner]) => [key, translated(inner)]));
  return result;
}

/** With the names of 2020-12, where it does not have both. */
function renamed({ definitions, additionalItems, ...schema }) {
  const { items } = schema;
  const isTuple = Array.isArray(items) && schema.prefixItems === undefined;
  const result = { ...schema };
  if (isTuple) {
    delete result.items;
    result.prefixItems = items;
    if (additionalItems !== undefined) result.items = additionalItems;
  } else if (additionalItems !== undefined && Array.isArray(items)) result.additionalItems = additionalItems;
  if (definitions === undefined) return result;
  if (isObject(definitions) && schema.$defs === undefined) result.$defs = definitions;
  else result.definitions = definitions;
  return result;
}
