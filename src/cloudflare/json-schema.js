// Validates JSON against a JSON Schema (2020-12), behind the port `Host::validate`. What a schema may hold was checked
// when it was submitted (src/api/output_schema.rs): keywords, their values, references, patterns.
//
// No library, because none has a bound: what a schema makes of JSON multiplies, and an object must not hold up all
// others of its isolate. Here every step is charged to a budget before it is done. Two things keep usual schemas far
// below it: what a reference has said of a value is remembered, so that kinds of trees are tried once at each node, and
// values are told apart by their text, so that no list is compared with itself. The official suite decides what is
// right (tests/e2e/json-schema.test.mjs).

import { linearRegExp } from "./linear-regexp.js";

/** Steps until the JSON is said to fit or not, and until its faults are found. A million take about 0.1 s. */
const WORK_MAX = 8_000_000;
const WORK_FOR_FAULTS_MAX = 1_000_000;
/** Characters that are gone through in the time of a step. */
const CHARS_PER_STEP = 16;
/** What remembering takes, above all memory. */
const MEMORY_STEPS = 20;
const DIVISION_STEPS = 40;
const FAULTS_MAX = 10;
const FAULT_CHARS_MAX = 300;
const PLACE_CHARS_MAX = 150;
/** Faults that are counted. */
const COUNTED_MAX = 1_000;
/** What of a value or a list of values is shown. */
const SHOWN_CHARS = 60;
const SHOWN_VALUES = 8;

class TooMuch extends Error {
  message = "to compare it with the schema takes too long";
}

/** The faults, a line each: where, what is wrong, and the keyword. Empty where the JSON fits. */
export function validate(schemaText, jsonText) {
  try {
    const [schema, json] = [JSON.parse(schemaText), JSON.parse(jsonText)];
    if (new Comparison(schema, WORK_MAX).fits(json)) return "";
    return lines(faults(schema, json));
  } catch (error) {
    // Too much to do, a stack that is too deep, or what nobody has foreseen: never a success.
    const words = error instanceof RangeError ? "it is nested too deep" : String(error?.message ?? error);
    return `the JSON could not be validated: ${words.slice(0, FAULT_CHARS_MAX)}`;
  }
}

/** As many as are found while that is cheap. */
function faults(schema, json) {
  const found = [];
  try {
    new Comparison(schema, WORK_FOR_FAULTS_MAX).compare(schema, json, null, null, found);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    found.isPart = true;
  }
  return found;
}

function lines(found) {
  const distinct = [...new Set(found)];
  if (distinct.length === 0) return "the whole: does not fit the schema, and to say where takes too long";
  const more = distinct.length - FAULTS_MAX;
  const isPart = found.isPart || found.length >= COUNTED_MAX;
  const rest = more > 0 ? [`${isPart ? "at least " : ""}${more} more`] : isPart ? ["there may be more"] : [];
  return [...distinct.slice(0, FAULTS_MAX), ...rest].join("\n");
}

/** One schema and one budget. `at` is a place in the JSON: its name and the place around it, null for the whole. */
class Comparison {
  #root;
  #left;
  #charge = (steps) => {
    this.#left -= steps;
    if (this.#left < 0) throw new TooMuch();
  };
  #Expression = linearRegExp(this.#charge);
  #expressions = new Map();
  #references = new Map();
  /** By the list of an `enum`: the texts of its values. */
  #choices = new Map();
  /** By a schema: what it says of values, and how far they are from it. */
  #verdicts = new Map();
  #distances = new Map();

  constructor(root, work) {
    this.#root = root;
    this.#left = work;
  }

  fits(json) {
    return this.compare(this.#root, json, null, null, null);
  }

  /**
   * Whether the value fits. `seen`, where somebody asks, collects which of its names and items were looked at; where it
   * does not fit, what `seen` has means nothing. With `found` all faults are looked for, and not only the first.
   */
  compare(schema, value, at, seen, found) {
    this.#charge(1);
    if (schema === true) return true;
    if (schema === false) return this.#fault(found, at, "is not allowed here");
    const own = Object.hasOwn(schema, "unevaluatedItems") || Object.hasOwn(schema, "unevaluatedProperties");
    const looked = own ? new Seen(this.#charge) : seen;
    let fits = true;
    // The cheap ones first, so that a schema of another kind is soon left.
    for (const assertions of [anyValue, BY_TYPE[typeOf(value)], inPlace, leftOver]) {
      // Where a schema does not fit, nobody knows what it would have looked at.
      if (assertions === leftOver && !fits) break;
      for (const keyword of assertions) {
        this.#charge(1);
        if (!Object.hasOwn(schema, keyword)) continue;
        const fault = KEYWORDS[keyword](this, schema[keyword], value, { schema, at, seen: looked, found });
        if (fault === null) continue;
        fits = false;
        if (found === null) return false;
        if (fault !== BELOW && found.length < COUNTED_MAX) this.#fault(found, at, `${fault()} (${keyword})`);
      }
    }
    if (own && seen) seen.join(looked);
    return fits;
  }

  #fault(found, at, words) {
    if (found !== null && found.length < COUNTED_MAX) {
      this.#charge(MEMORY_STEPS);
      found.push(`${placeOf(at)}: ${words}`.replace(/\s+/g, " ").slice(0, FAULT_CHARS_MAX));
    }
    return false;
  }

  charge(steps) {
    this.#charge(steps);
  }

  chars(text) {
    this.#charge(1 + text.length / CHARS_PER_STEP);
  }

  has(object, name) {
    this.chars(name);
    return Object.hasOwn(object, name);
  }

  names(object) {
    const names = Object.keys(object);
    this.#charge(2 * names.length);
    return names;
  }

  /** A schema of a part of the value, or of the value itself. Null where it fits, else that the faults are below. */
  below(schema, value, at, seen, found) {
    if (this.compare(schema, value, at, seen, null)) return null;
    if (found !== null) this.compare(schema, value, at, null, found);
    return BELOW;
  }

  matches(source, text) {
    if (!this.#expressions.has(source)) this.#expressions.set(source, new this.#Expression(source));
    return this.#expressions.get(source).test(text);
  }

  /** The schema that a reference means: a JSON Pointer in a fragment. */
  referred(reference) {
    this.chars(reference);
    let schema = this.#references.get(reference);
    if (schema === undefined) {
      schema = this.#root;
      for (const name of reference.split("/").slice(1))
        schema = schema[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")];
      this.#references.set(reference, schema);
    }
    return schema;
  }

  /** Whether a value fits a schema that is referred to. It is asked often, of trees at each node. */
  remembered(schema, value, at) {
    return this.#once(this.#verdicts, schema, value, () => this.compare(schema, value, at, null, null));
  }

  /** How far a value is from a schema: asked once, because the unions of each level ask it of all below. */
  distances(schema, value, at) {
    return this.#once(this.#distances, schema, value, () => distance(this, schema, value, at));
  }

  /** What is asked of a schema and a value: of a list or an object it is remembered. */
  #once(memory, schema, value, ask) {
    if (typeof value !== "object" || value === null) return ask();
    if (!memory.has(schema)) memory.set(schema, new Map());
    const known = memory.get(schema);
    if (!known.has(value)) {
      this.#charge(MEMORY_STEPS);
      known.set(value, ask());
    }
    return known.get(value);
  }

  choices(values) {
    if (!this.#choices.has(values)) {
      const texts = new Set(values.map((value) => this.text(value)));
      this.#choices.set(values, { texts, types: new Set(values.map(typeOf)) });
    }
    return this.#choices.get(values);
  }

  sorted(names) {
    this.#charge(names.length * Math.log2(names.length + 1));
    return names.sort();
  }

  /** The same for equal values, and for no others. */
  text(value) {
    if (typeof value === "string") {
      this.chars(value);
      return JSON.stringify(value);
    }
    this.#charge(2);
    if (typeof value !== "object" || value === null) return String(value === 0 ? 0 : value);
    const text = Array.isArray(value)
      ? `[${value.map((item) => this.text(item)).join()}]`
      : `{${this.sorted(this.names(value))
          .map((name) => `${this.text(name)}:${this.text(value[name])}`)
          .join()}}`;
    this.chars(text);
    return text;
  }
}

/** What of a value was looked at. */
class Seen {
  names = new Set();
  items = new Set();
  /** All items before this one. */
  before = 0;
  #charge;

  constructor(charge) {
    charge(MEMORY_STEPS);
    this.#charge = charge;
  }

  name(name) {
    this.#charge(1 + name.length / CHARS_PER_STEP);
    this.names.add(name);
  }

  item(index) {
    this.#charge(1);
    this.items.add(index);
  }

  itemsBefore(count) {
    this.before = Math.max(this.before, count);
  }

  join(other) {
    for (const name of other.names) this.name(name);
    for (const index of other.items) this.item(index);
    this.itemsBefore(other.before);
  }

  /** For a schema that may not fit. */
  another() {
    return new Seen(this.#charge);
  }
}

/** There is a fault, and what it is was said where it lies. */
const BELOW = () => "";

const anyValue = ["type", "const", "enum"];
const inPlace = ["$ref", "allOf", "anyOf", "oneOf", "not", "if"];
const leftOver = ["unevaluatedItems", "unevaluatedProperties"];
const BY_TYPE = {
  null: [],
  boolean: [],
  number: ["multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"],
  string: ["maxLength", "minLength", "pattern"],
  array: ["maxItems", "minItems", "prefixItems", "items", "contains", "uniqueItems"],
  object: ["maxProperties", "minProperties", "required", "dependentRequired", "properties", "patternProperties"].concat(
    ["additionalProperties", "propertyNames", "dependentSchemas"],
  ),
};

/**
 * What each keyword says of a value that it is about: null, or a function that gives the words of the fault. Keywords
 * that belong to another (`then`, `minContains`) stand with it.
 */
const KEYWORDS = {
  type: (it, types, value) => {
    const list = [types].flat();
    it.charge(list.length);
    const type = typeOf(value);
    const fits = list.some((each) => each === type || (each === "integer" && Number.isInteger(value)));
    return fits ? null : () => `is ${shown(value)}, expected ${list.join(" or ")}`;
  },
  const: (it, expected, value) => (equal(it, expected, value) ? null : () => `is not ${constant(expected)}`),
  enum: (it, values, value) => {
    const { texts, types } = it.choices(values);
    // A long text or list of another type need not be written down.
    const isOne = types.has(typeOf(value)) && texts.has(it.text(value));
    return isOne ? null : () => `is none of ${list(values)}`;
  },

  multipleOf: (it, divisor, value) => (isMultiple(it, value, divisor) ? null : () => `is no multiple of ${divisor}`),
  maximum: (_, most, value) => (value <= most ? null : () => `is ${value}, at most ${most} is allowed`),
  exclusiveMaximum: (_, most, value) => (value < most ? null : () => `is ${value}, expected less than ${most}`),
  minimum: (_, least, value) => (value >= least ? null : () => `is ${value}, expected at least ${least}`),
  exclusiveMinimum: (_, least, value) => (value > least ? null : () => `is ${value}, expected more than ${least}`),

  maxLength: (it, most, value) => tooMany(length(it, value), most, "characters"),
  minLength: (it, least, value) => tooFew(length(it, value), least, "characters"),
  pattern: (it, source, value) => (it.matches(source, value) ? null : () => `does not match ${shown(source)}`),

  maxItems: (_, most, value) => tooMany(value.length, most, "items"),
  minItems: (_, least, value) => tooFew(value.length, least, "items"),
  prefixItems: (it, schemas, value, { at, seen, found }) => {
    const count = Math.min(schemas.length, value.length);
    seen?.itemsBefore(count);
    return each(count, found, (index) => it.below(schemas[index], value[index], { at, name: index }, null, found));
  },
  items: (it, schema, value, { schema: around, at, seen, found }) => {
    const first = around.prefixItems?.length ?? 0;
    seen?.itemsBefore(value.length);
    const item = (index) => it.below(schema, value[first + index], { at, name: first + index }, null, found);
    return each(Math.max(0, value.length - first), found, item);
  },
  contains: (it, schema, value, { schema: around, at, seen }) => {
    const { minContains = 1, maxContains = Number.POSITIVE_INFINITY } = around;
    let count = 0;
    for (const [index, item] of value.entries()) {
      if (!it.compare(schema, item, { at, name: index }, null, null)) continue;
      count += 1;
      seen?.item(index);
    }
    return tooFew(count, minContains, "items of the kind") ?? tooMany(count, maxContains, "items of the kind");
  },
  uniqueItems: (it, isUnique, value) => {
    if (!isUnique) return null;
    const texts = new Set(value.map((item) => it.text(item)));
    return texts.size === value.length ? null : () => "has the same item twice";
  },

  maxProperties: (it, most, value) => tooMany(it.names(value).length, most, "properties"),
  minProperties: (it, least, value) => tooFew(it.names(value).length, least, "properties"),
  required: (it, names, value) => missing(it, names, value),
  dependentRequired: (it, lists, value) => {
    for (const name of it.names(lists)) {
      const fault = it.has(value, name) ? missing(it, lists[name], value) : null;
      if (fault !== null) return () => `${fault()}, because there is ${shown(name)}`;
    }
    return null;
  },
  properties: (it, schemas, value, { at, seen, found }) => {
    const names = it.names(schemas).filter((name) => it.has(value, name));
    for (const name of names) seen?.name(name);
    return every(names, found, (name) => it.below(schemas[name], value[name], { at, name }, null, found));
  },
  patternProperties: (it, schemas, value, { at, seen, found }) => {
    const names = it.names(value);
    return every(it.names(schemas), found, (source) => {
      const matching = names.filter((name) => it.matches(source, name));
      for (const name of matching) seen?.name(name);
      return every(matching, found, (name) => it.below(schemas[source], value[name], { at, name }, null, found));
    });
  },
  additionalProperties: (it, schema, value, { schema: around, at, seen, found }) => {
    const { properties = {}, patternProperties = {} } = around;
    const sources = it.names(patternProperties);
    const isOther = (name) => !it.has(properties, name) && !sources.some((source) => it.matches(source, name));
    const names = it.names(value).filter(isOther);
    for (const name of names) seen?.name(name);
    return every(names, found, (name) => it.below(schema, value[name], { at, name }, null, found));
  },
  propertyNames: (it, schema, value, { at, found }) =>
    every(it.names(value), found, (name) => it.below(schema, name, { at, name }, null, found)),
  dependentSchemas: (it, schemas, value, { at, seen, found }) => {
    const names = it.names(schemas).filter((name) => it.has(value, name));
    return every(names, found, (name) => it.below(schemas[name], value, at, seen, found));
  },

  $ref: (it, reference, value, { at, seen, found }) => {
    const schema = it.referred(reference);
    if (seen !== null) return it.below(schema, value, at, seen, found);
    if (it.remembered(schema, value, at)) return null;
    if (found !== null) it.compare(schema, value, at, null, found);
    return BELOW;
  },
  allOf: (it, schemas, value, { at, seen, found }) =>
    every(schemas, found, (schema) => it.below(schema, value, at, seen, found)),
  anyOf: (it, schemas, value, { at, seen, found }) => {
    let fits = false;
    for (const schema of schemas) {
      if (!perhaps(it, schema, value, at, seen)) continue;
      fits = true;
      // Somebody has to know what the others look at.
      if (!seen) break;
    }
    return fits ? null : nearest(it, schemas, value, at, found);
  },
  oneOf: (it, schemas, value, { at, seen, found }) => {
    const fitting = [];
    for (const [index, schema] of schemas.entries()) {
      if (perhaps(it, schema, value, at, seen)) fitting.push(index + 1);
      if (fitting.length > 1) return () => `fits number ${fitting[0]} and number ${fitting[1]}, expected one`;
    }
    return fitting.length === 1 ? null : nearest(it, schemas, value, at, found);
  },
  not: (it, schema, value, { at }) =>
    it.compare(schema, value, at, null, null) ? () => "fits what it must not fit" : null,
  if: (it, schema, value, { schema: around, at, seen, found }) => {
    const branch = perhaps(it, schema, value, at, seen) ? around.then : around.else;
    return branch === undefined ? null : it.below(branch, value, at, seen, found);
  },

  unevaluatedItems: (it, schema, value, { at, seen, found }) => {
    if (!Array.isArray(value)) return null;
    it.charge(value.length);
    const others = [...value.keys()].slice(seen.before).filter((index) => !seen.items.has(index));
    seen.itemsBefore(value.length);
    return every(others, found, (index) => it.below(schema, value[index], { at, name: index }, null, found));
  },
  unevaluatedProperties: (it, schema, value, { at, seen, found }) => {
    if (typeOf(value) !== "object") return null;
    const others = it.names(value).filter((name) => !seen.names.has(name));
    for (const name of others) seen.name(name);
    return every(others, found, (name) => it.below(schema, value[name], { at, name }, null, found));
  },
};

/** A schema that the value need not fit. */
function perhaps(it, schema, value, at, seen) {
  const looked = seen?.another() ?? null;
  const fits = it.compare(schema, value, at, looked, null);
  if (fits && seen) seen.join(looked);
  return fits;
}

/** Of several schemas that a value does not fit: the faults of the one that it was most likely meant for. */
function nearest(it, schemas, value, at, found) {
  if (found === null) return BELOW;
  const distances = schemas.map((schema) => it.distances(schema, value, at));
  const least = Math.min(...distances);
  it.compare(schemas[distances.indexOf(least)], value, at, null, found);
  // Where one was meant, and no other as well, its faults say everything.
  const isMeant = least < OTHER_KIND && distances.filter((one) => one === least).length === 1;
  return isMeant ? BELOW : () => `fits none of ${schemas.length} schemas`;
}

/** What tells most that another schema was meant: another type, then another constant. */
const OTHER_TYPE = 1e9;
const OTHER_KIND = 1e6;
/** The most that what is within a property or an item counts. */
const WITHIN_MAX = 1_000;

/** How far a value is from what a schema describes: what it is itself counts more than what is in it. */
function distance(it, schema, value, at) {
  it.charge(MEMORY_STEPS);
  if (typeof schema === "boolean") return schema ? 0 : OTHER_TYPE;
  const fits = (keyword) =>
    !Object.hasOwn(schema, keyword) || KEYWORDS[keyword](it, schema[keyword], value, NOBODY) === null;
  if (!fits("type")) return OTHER_TYPE;
  let sum = fits("const") && fits("enum") ? 0 : OTHER_KIND;
  const { $ref, allOf = [], anyOf, oneOf } = schema;
  if ($ref !== undefined) sum += it.distances(it.referred($ref), value, at);
  for (const one of allOf) sum += distance(it, one, value, at);
  for (const any of [anyOf, oneOf])
    if (any !== undefined) sum += Math.min(...any.map((one) => distance(it, one, value, at)));
  const part = (inner, item) => {
    if (it.below(inner, item, at, null, null) === null) return 0;
    if (isKind(it, inner)) return OTHER_KIND;
    const hasParts = typeof item === "object" && item !== null;
    return 1 + (hasParts ? Math.min(WITHIN_MAX, it.distances(inner, item, at)) : 0);
  };
  if (Array.isArray(value)) {
    const { prefixItems = [], items = true } = schema;
    for (const [index, inner] of prefixItems.entries()) if (index < value.length) sum += part(inner, value[index]);
    const others = value.slice(prefixItems.length, prefixItems.length + SHOWN_VALUES);
    return others.reduce((most, item) => Math.max(most, part(items, item)), 0) + sum;
  }
  if (typeOf(value) !== "object") return sum;
  const { properties = {}, patternProperties, required = [], additionalProperties } = schema;
  for (const name of it.names(properties)) if (it.has(value, name)) sum += part(properties[name], value[name]);
  sum += required.filter((name) => !it.has(value, name)).length;
  if (additionalProperties === false && !patternProperties)
    sum += it.names(value).filter((name) => !it.has(properties, name)).length;
  return sum;
}

/** Nobody asks where, or what was looked at. */
const NOBODY = { at: null, seen: null, found: null };

/** Whether a schema says by a constant what something is. */
function isKind(it, schema) {
  it.charge(1);
  if (typeof schema === "boolean") return false;
  if (Object.hasOwn(schema, "const") || schema.enum?.length === 1) return true;
  return schema.$ref !== undefined && isKind(it, it.referred(schema.$ref));
}

/** The first fault; with `found` all are looked at. */
function every(list, found, faultOf) {
  return each(list.length, found, (index) => faultOf(list[index]));
}

function each(count, found, faultOf) {
  let first = null;
  for (let index = 0; index < count && (first === null || found !== null); index += 1) {
    const fault = faultOf(index);
    first ??= fault;
  }
  return first;
}

function missing(it, names, value) {
  const absent = names.filter((name) => !it.has(value, name));
  return absent.length === 0 ? null : () => `${list(absent)} ${absent.length === 1 ? "is" : "are"} missing`;
}

function tooMany(count, most, what) {
  return count <= most ? null : () => `has ${count} ${what}, at most ${most} are allowed`;
}

function tooFew(count, least, what) {
  return count >= least ? null : () => `has ${count} ${what}, expected at least ${least}`;
}

/** Characters as Unicode counts them: a surrogate pair is one. */
function length(it, text) {
  it.chars(text);
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const isHigh = (text.charCodeAt(at) & 0xfc00) === 0xd800;
    if (isHigh && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) at += 1;
    count += 1;
  }
  return count;
}

function equal(it, one, other) {
  if (typeof one !== "object" || one === null) {
    if (typeof one === "string" && typeof other === "string") it.chars(one);
    return one === other;
  }
  return typeOf(one) === typeOf(other) && it.text(one) === it.text(other);
}

/** Exact for what the two are written as: 0.3 is a multiple of 0.1. */
function isMultiple(it, value, divisor) {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) return value % divisor === 0;
  const [one, other] = [decimal(value), decimal(divisor)];
  const exponent = Math.min(one.exponent, other.exponent);
  it.charge(DIVISION_STEPS + Math.abs(one.exponent - other.exponent) / CHARS_PER_STEP);
  const scaled = ({ digits, exponent: own }) => digits * 10n ** BigInt(own - exponent);
  return scaled(one) % scaled(other) === 0n;
}

function decimal(number) {
  const [mantissa, exponent = "0"] = String(number).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** A JSON Pointer. Of a long one the end, because it is nearer to what is wrong. */
function placeOf(at) {
  let path = "";
  for (let place = at; place !== null; place = place.at) {
    path = `/${String(place.name).slice(0, PLACE_CHARS_MAX).replaceAll("~", "~0").replaceAll("/", "~1")}${path}`;
    if (path.length > PLACE_CHARS_MAX) return `...${path.slice(-PLACE_CHARS_MAX)}`;
  }
  return path || "the whole";
}

/** A value in a sentence. Lists and objects are named, because they can be long. */
function shown(value) {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  const isLong = typeof value === "string" && value.length > SHOWN_CHARS;
  return JSON.stringify(isLong ? value.slice(0, SHOWN_CHARS) : value) + (isLong ? "..." : "");
}

/** The same of a constant of the schema, with what is in it where that is short. */
function constant(value) {
  if (typeof value !== "object" || value === null) return shown(value);
  const values = Object.values(value);
  const isShort = (each) => (typeof each === "object" ? each === null : String(each).length <= SHOWN_CHARS);
  const text = values.length <= SHOWN_VALUES && values.every(isShort) ? JSON.stringify(value) : "";
  return text && text.length <= SHOWN_CHARS ? text : shown(value);
}

function list(values) {
  const more = values.length - SHOWN_VALUES;
  return values.slice(0, SHOWN_VALUES).map(constant).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
