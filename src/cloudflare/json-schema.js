// Validates JSON against a JSON Schema (2020-12), behind the port `Host::validate`. What a schema may hold was checked
// when it was submitted (src/api/output_schema.rs). What the library does is counted here and has a bound, because
// schemas that refer to themselves multiply with the depth of the JSON.

import { Validator } from "@cfworker/json-schema";
import { linearRegExp } from "./linear-regexp.js";

/** How much is done until the JSON is said to fit or not, and until all faults are found: about 0.15 µs each. */
const WORK_MAX = 4_000_000;
const WORK_FOR_FAULTS_MAX = 400_000;
/** What it takes to ask a value for its names, and to try a schema on it. */
const NAMES_WORK = 5;
const SCHEMA_WORK = 12;
/** Characters that are gone through in the time of one. */
const CHARS_PER_WORK = 16;
const FAULTS_MAX = 10;
const FAULT_CHARS_MAX = 300;

// Where schemas stand within a schema. What stands elsewhere (enum, const) is data.
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
/** Annotations, which the library would validate or look into. So it does with keywords of one's own, `x-`. */
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

class TooMuch extends Error {
  message = "to compare it with the schema takes too long";
}

/** The faults, a line each: where, the keyword, and what is wrong. Empty where the JSON fits. */
export function validate(schemaText, jsonText) {
  try {
    const [schema, json] = [JSON.parse(schemaText), JSON.parse(jsonText)];
    // The first error of each value tells whether it fits; all of them are only found as long as that is cheap.
    const { valid, errors } = compare(schema, json, { all: false, work: WORK_MAX });
    return valid ? "" : faults(allErrors(schema, json) ?? errors);
  } catch (error) {
    // A stack that is too deep, too much to do, or what nobody has foreseen: never a success.
    return `the JSON could not be validated: ${String(error?.message ?? error).slice(0, FAULT_CHARS_MAX)}`;
  }
}

function allErrors(schema, json) {
  try {
    return compare(schema, json, { all: true, work: WORK_FOR_FAULTS_MAX }).errors;
  } catch {
    return null;
  }
}

function compare(schema, json, { all, work }) {
  let left = work;
  const charge = (count) => {
    left -= count;
    if (left < 0) throw new TooMuch();
  };
  // Nothing else runs meanwhile, and the library makes no expression but those of the schema.
  const { RegExp: native } = globalThis;
  globalThis.RegExp = linearRegExp(charge);
  try {
    const read = { length: 0 };
    const tried = countedSchema(schema, (work, counts) => charge(work + (counts ? read.length / CHARS_PER_WORK : 0)));
    return new Validator(tried, "2020-12", !all).validate(countedJson(json, charge, read));
  } finally {
    globalThis.RegExp = native;
  }
}

/** The JSON, of which each read is counted. `read` tells the length of the text that was read last, 0 for others. */
function countedJson(json, charge, read) {
  const known = new WeakMap();
  const counted = (value) => {
    read.length = typeof value === "string" ? value.length : 0;
    charge(read.length / CHARS_PER_WORK);
    if (typeof value !== "object" || value === null) return value;
    // A value has one such form, by which it is compared.
    if (!known.has(value)) known.set(value, new Proxy(value, handler));
    return known.get(value);
  };
  const handler = {
    get(target, name) {
      charge(1);
      return counted(target[name]);
    },
    ownKeys(target) {
      const names = Reflect.ownKeys(target);
      charge(NAMES_WORK + names.length);
      return names;
    },
  };
  return counted(json);
}

/**
 * The schema without what only readers are told. That a schema is tried is counted, by what there is to compare;
 * `charge` is told whether the characters of the text that it is tried on are counted, too.
 */
function countedSchema(schema, charge) {
  if (typeof schema !== "object" || schema === null) return schema;
  const result = {};
  let work = SCHEMA_WORK;
  for (const [keyword, value] of Object.entries(schema)) {
    if (NOTES.has(keyword) || keyword.startsWith("x-")) continue;
    const isData = !SCHEMAS.has(keyword) && !LISTS.has(keyword);
    if (isData) work += JSON.stringify(MAPS.has(keyword) ? Object.keys(value) : value).length / CHARS_PER_WORK;
    set(result, keyword, within(keyword, value, charge));
  }
  const { $ref } = schema;
  // The library asks each schema that it tries for this first.
  Object.defineProperty(result, "$ref", {
    get() {
      charge(work, Object.hasOwn(schema, "minLength") || Object.hasOwn(schema, "maxLength"));
      return $ref;
    },
  });
  return result;
}

function within(keyword, value, charge) {
  const counted = (schema) => countedSchema(schema, charge);
  if (SCHEMAS.has(keyword)) return counted(value);
  if (LISTS.has(keyword)) return value.map(counted);
  if (!MAPS.has(keyword)) return value;
  const map = {};
  // Those that tell kinds apart first: the others of a kind that it is not need not be tried.
  const entries = Object.entries(value);
  for (const [name, schema] of [...entries.filter(tellsKinds), ...entries.filter((entry) => !tellsKinds(entry))])
    set(map, name, counted(schema));
  return map;
}

const tellsKinds = ([, schema]) =>
  typeof schema === "object" && schema !== null && (Object.hasOwn(schema, "const") || Object.hasOwn(schema, "enum"));

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
