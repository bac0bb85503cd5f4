// Validates JSON against a JSON Schema (2020-12), behind the port `Host::validate`. What a schema may hold was checked
// when it was submitted (src/api/output_schema.rs); here the time that it takes is bounded as well.

import { Validator } from "@cfworker/json-schema";

/** The longest text that a pattern is tried on, in UTF-16 units. Patterns take up to the square of it. */
const PATTERN_TEXT_MAX = 1_000;
/** Of an array whose items must differ, because each is compared with each. */
const UNIQUE_ITEMS_MAX = 1_000;
const FAULTS_MAX = 10;
const FAULT_CHARS_MAX = 300;

// Where schemas stand within a schema. What stands elsewhere (enum, const, default, examples) is data.
const SCHEMAS = new Set([
  "items",
  "contains",
  "additionalProperties",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const LISTS = new Set(["prefixItems", "allOf", "anyOf", "oneOf"]);
const MAPS = new Set(["$defs", "properties", "patternProperties", "dependentSchemas"]);
/** Annotations, which the library would validate or look into. */
const NOTES = new Set(["format", "contentEncoding", "contentMediaType", "contentSchema", "default", "examples"]);

/** Keywords whose error only says that there is another below. */
const AROUND = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "dependentSchemas",
  "if",
  "items",
  "patternProperties",
  "prefixItems",
  "properties",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** The faults, a line each: where, the keyword, and what is wrong. Empty where the JSON fits. */
export function validate(schemaText, jsonText) {
  try {
    const { valid, errors } = new Validator(bounded(JSON.parse(schemaText)), "2020-12", false).validate(
      JSON.parse(jsonText),
    );
    return valid ? "" : faults(errors);
  } catch (error) {
    // A stack that is too deep, or what nobody has foreseen: never a success.
    return `the JSON could not be validated: ${String(error?.message ?? error).slice(0, FAULT_CHARS_MAX)}`;
  }
}

/** The same schema with bounds, without what only readers are told. */
function bounded(schema) {
  if (typeof schema !== "object" || schema === null) return schema;
  const { pattern, uniqueItems, patternProperties, ...rest } = schema;
  const limits = [];
  if (pattern !== undefined)
    limits.push({
      if: { type: "string", minLength: PATTERN_TEXT_MAX + 1 },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { maxLength: PATTERN_TEXT_MAX },
      else: { pattern },
    });
  if (uniqueItems)
    limits.push({
      if: { type: "array", minItems: UNIQUE_ITEMS_MAX + 1 },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { maxItems: UNIQUE_ITEMS_MAX },
      else: { uniqueItems },
    });
  // Names, too, are tried on patterns.
  if (patternProperties) limits.push({ propertyNames: { maxLength: PATTERN_TEXT_MAX } });
  const result = {};
  for (const [keyword, value] of Object.entries(patternProperties ? { ...rest, patternProperties } : rest)) {
    if (NOTES.has(keyword)) continue;
    set(result, keyword, within(keyword, value));
  }
  if (limits.length > 0) result.allOf = [...(result.allOf ?? []), ...limits];
  return result;
}

function within(keyword, value) {
  if (SCHEMAS.has(keyword)) return bounded(value);
  if (LISTS.has(keyword)) return value.map(bounded);
  if (!MAPS.has(keyword)) return value;
  const map = {};
  for (const [name, schema] of Object.entries(value)) set(map, name, bounded(schema));
  return map;
}

/** A property of any name, also of one that an object inherits. */
function set(object, name, value) {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The innermost: that a schema around them has errors says nothing. */
function faults(errors) {
  const told = errors.filter(({ keyword }) => !AROUND.has(keyword));
  const lines = (told.length > 0 ? told : errors).map(({ instanceLocation, keyword, error }) => {
    const place = decodeURI(instanceLocation.replace(/^#/, "")) || "the whole";
    const words = keyword === "false" ? "is not allowed here" : `${error} (${keyword})`;
    return `${place}: ${words}`.replace(/\s+/g, " ").slice(0, FAULT_CHARS_MAX);
  });
  const distinct = [...new Set(lines)];
  const more = distinct.length - FAULTS_MAX;
  return [...distinct.slice(0, FAULTS_MAX), ...(more > 0 ? [`${more} more`] : [])].join("\n");
}
