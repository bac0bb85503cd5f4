// The Worker's validator of JSON Schema. The official suite says what is right (tests/e2e/json-schema.test.mjs); here a
// second opinion on schemas that nobody thought of, the words, and that no schema takes long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { validate } from "../../src/cloudflare/json-schema.js";
import { makeRandom } from "../e2e/support/random.mjs";

const SEED = Date.now() % 2 ** 31;
/** The longest JSON that a model's reply may be, in bytes. */
const JSON_BYTES = 260_000;

const ROUNDS = 2_000;

const verdictOn = (schema, json) => validate(JSON.stringify(schema), JSON.stringify(json));

test("random schemas say what another validator says", (context) => {
  const random = makeRandom(SEED);
  let [valid, invalid] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const schema = { $defs: { a: schemaOf(random, 2), b: schemaOf(random, 1) }, ...objectSchemaOf(random, 3) };
    const other = new Ajv2020({ strict: false, validateSchema: false }).compile(schema);
    for (let count = 0; count < 20; count += 1) {
      const json = jsonOf(random, 3);
      const expected = opinionOf(other, json);
      if (expected === null) continue;
      const verdict = verdictOn(schema, json);
      assert.equal(verdict === "", expected, `seed ${SEED}: ${JSON.stringify({ schema, json })}: ${verdict}`);
      assert.ok(!verdict.includes("could not be"), verdict);
      if (expected) valid += 1;
      else invalid += 1;
    }
  }
  context.diagnostic(`figure: JSON Schema: ${valid + invalid} random verdicts as another validator's (seed ${SEED})`);
  assert.ok(Math.min(valid, invalid) > ROUNDS, `${valid} valid, ${invalid} invalid`);
});

/** Null where it breaks off with an error of its own. */
function opinionOf(other, json) {
  try {
    return other(json);
  } catch {
    return null;
  }
}

const NAMES = ["a", "b", "c"];
const schemasOf = (random, depth) => Array.from({ length: random.whole(1, 3) }, () => schemaOf(random, depth));
const mapOf = (random, depth, names = NAMES) =>
  Object.fromEntries(names.filter(() => random.whole(0, 1)).map((name) => [name, schemaOf(random, depth)]));
const some = (random, list) => list.filter(() => random.whole(0, 2) === 0);

/** Without those that the other validator gets wrong: `contains` of no items, and what is not evaluated. */
const KEYWORDS = {
  type: (random) =>
    random.oneOf(["object", "array", "string", "number", "integer", "boolean", "null", ["object", "array"]]),
  const: (random) => jsonOf(random, 1),
  enum: (random) => [jsonOf(random, 1), jsonOf(random, 0), "b", 1],
  multipleOf: (random) => random.oneOf([2, 0.5, 3]),
  maximum: (random) => random.whole(0, 4),
  exclusiveMinimum: (random) => random.whole(0, 2),
  maxLength: (random) => random.whole(0, 3),
  minLength: (random) => random.whole(0, 3),
  pattern: (random) => random.oneOf(["a", "^b", "b$", "^.$", "[ab]{2}"]),
  maxItems: (random) => random.whole(0, 3),
  minItems: (random) => random.whole(0, 2),
  uniqueItems: () => true,
  prefixItems: schemasOf,
  items: schemaOf,
  maxProperties: (random) => random.whole(0, 3),
  minProperties: (random) => random.whole(0, 2),
  required: (random) => some(random, NAMES),
  dependentRequired: (random) => ({ a: some(random, NAMES), b: some(random, NAMES) }),
  properties: (random, depth) => mapOf(random, depth),
  patternProperties: (random, depth) => mapOf(random, depth, ["^a", "[bc]", "d$"]),
  additionalProperties: schemaOf,
  propertyNames: (random) => ({ pattern: random.oneOf(["[ab]", "^a", "."]) }),
  dependentSchemas: (random, depth) => mapOf(random, depth),
  $ref: (random) => random.oneOf(["#/$defs/a", "#/$defs/b"]),
  allOf: schemasOf,
  anyOf: schemasOf,
  oneOf: schemasOf,
  not: schemaOf,
  if: schemaOf,
  // biome-ignore lint/suspicious/noThenProperty: the keyword's name
  then: schemaOf,
  else: schemaOf,
};

function schemaOf(random, depth) {
  return depth <= 0 || random.whole(0, 5) === 0 ? random.whole(0, 3) > 0 : objectSchemaOf(random, depth);
}

function objectSchemaOf(random, depth) {
  const schema = {};
  for (let count = random.whole(1, 4); count > 0; count -= 1) {
    const keyword = random.oneOf(Object.keys(KEYWORDS));
    // The definitions refer to nothing, so that no reference goes round in a circle.
    if (keyword === "$ref" && depth < 3) continue;
    schema[keyword] = KEYWORDS[keyword](random, depth - 1);
  }
  return schema;
}

function jsonOf(random, depth) {
  const plain = [null, true, false, 0, 1, 2, 2.5, 0.3, "", "a", "b", "ab", "🐉"];
  const kind = depth <= 0 ? 0 : random.whole(0, 3);
  if (kind <= 1) return random.oneOf(plain);
  const values = Array.from({ length: random.whole(0, 3) }, () => jsonOf(random, depth - 1));
  if (kind === 2) return values;
  return Object.fromEntries(values.map((value) => [random.oneOf([...NAMES, "d"]), value]));
}

const many = (count, of) => Array.from({ length: count }, (_, index) => of(index));
const named = (count, of) => Object.fromEntries(many(count, of));
const words = many(6_000, (index) => index.toString(36).padStart(3, "0"));
const referring = (schema, rest) => ({ $defs: { s: schema }, ...rest });
const nested = (levels, inner) => (levels === 0 ? inner : { allOf: [nested(levels - 1, inner)] });
const ref = { $ref: "#/$defs/s" };

/** What is tried on one value, many times. */
const AROUND = {
  "all of many": (schema) => referring(schema, { allOf: Array(900).fill(ref) }),
  "any of many": (schema) => referring(schema, { anyOf: Array(900).fill({ not: ref }) }),
  "one of many": (schema) => referring(schema, { oneOf: Array(900).fill(ref) }),
  "levels of all": (schema) => referring(nested(25, schema), { allOf: Array(30).fill(ref) }),
  "each item and name": (schema) => referring(schema, { items: ref, additionalProperties: ref, propertyNames: ref }),
  "what is left over": (schema) =>
    referring(schema, { allOf: Array(90).fill(ref), unevaluatedItems: false, unevaluatedProperties: false }),
  "itself at each level": (schema) => ({
    anyOf: [schema, false],
    allOf: [{ $ref: "#/$defs/s" }],
    $defs: { s: { items: { $ref: "#" }, additionalProperties: { anyOf: [{ $ref: "#" }, { not: { $ref: "#" } }] } } },
  }),
};

/** What is dear to try. */
const DEAR = {
  nothing: {},
  lengths: { minLength: 1, maxLength: 9e6 },
  "a pattern": { pattern: "^(?:a?){0,400}(a|aa)*b" },
  "a class": { pattern: "[\\p{L}\\d]{0,200}é$" },
  "a large enum": { enum: [...words.slice(0, 2_000), [1], { a: 1 }] },
  "a constant with much in it": { const: { a: Array(8_000).fill({ a: 0 }) } },
  "a class of many tables": { pattern: `^[${"\\\\P{C}".repeat(150)}]*$` },
  "a large constant": { const: many(5_000, (index) => [index]) },
  "items that differ": { uniqueItems: true },
  "names that are missing": { required: words },
  "names that depend": { dependentRequired: { a: words, 1: words } },
  "names by patterns": { patternProperties: named(60, (index) => [`(a|b)*${index}`, { type: "null" }]) },
  "known names": { properties: named(2_000, (index) => [words[index], true]), additionalProperties: { type: "null" } },
  "names of a kind": { propertyNames: { minLength: 1, pattern: "^.*$" } },
  "every item": { prefixItems: Array(2_000).fill(true), items: { multipleOf: 5e-324 } },
  "some items": { contains: { required: words.slice(0, 1_000) }, minContains: 9e6 },
  divisions: { multipleOf: 5e-324, maximum: 5 },
};

/** All of about the size that a reply may have. */
const LARGE = {
  "a long text": "a".repeat(JSON_BYTES),
  "a long text of pairs": "🐉".repeat(JSON_BYTES / 4),
  "many numbers": many(JSON_BYTES / 6, () => 1e308),
  "many ones": many(JSON_BYTES / 2, () => 1),
  "many texts": many(JSON_BYTES / 13, (index) => `text ${index}`),
  "many objects": many(JSON_BYTES / 15, (index) => ({ a: index })),
  "many names": named(JSON_BYTES / 14, (index) => [`ab${index}`, 1]),
  "a long name": { [`a${"é~/".repeat(JSON_BYTES / 4)}`]: { a: 1 } },
  "many levels": JSON.parse(`${'{"a":['.repeat(50)}1${"]}".repeat(50)}`),
  "wide levels": many(60, () => many(60, () => many(10, (index) => ({ index })))),
};

const COMBINATIONS = Object.keys(AROUND).flatMap((around) =>
  Object.keys(DEAR).flatMap((dear) => Object.keys(LARGE).map((large) => [around, dear, large])),
);
/** Twenty times what it takes here; without a bound they take minutes. */
const PATIENCE_MS = 10_000;

test("no schema takes long, on any JSON, and none takes much memory", (context) => {
  const random = makeRandom(SEED);
  const chosen = process.env.TEST_FULL === "1" ? COMBINATIONS : many(120, () => random.oneOf(COMBINATIONS));
  let longest = 0;
  for (const [around, dear, large] of chosen) {
    const [schema, json] = [JSON.stringify(AROUND[around](DEAR[dear])), JSON.stringify(LARGE[large])];
    const before = performance.now();
    const verdict = validate(schema, json);
    const took = performance.now() - before;
    longest = Math.max(longest, took);
    assert.ok(took < PATIENCE_MS, `${took} ms for ${around}, ${dear}, ${large} (seed ${SEED}): ${verdict}`);
    assert.ok(verdict.length < 4_000, `${verdict.length}`);
  }
  const megabytes = process.resourceUsage().maxRSS / 1024;
  context.diagnostic(`figure: JSON Schema: the longest of ${chosen.length} comparisons took ${longest.toFixed(0)} ms`);
  assert.ok(megabytes < 600, `${megabytes} MB`);
});

test("JSON of a usual size and depth is compared to its end", () => {
  const kinds = ["sum", "product", "power", "quotient"];
  const kind = (name) => ({
    type: "object",
    required: ["left", "right", "kind"],
    properties: {
      left: { $ref: "#/$defs/node" },
      right: { $ref: "#/$defs/node" },
      kind: { $ref: `#/$defs/is ${name}` },
    },
  });
  const schema = {
    $ref: "#/$defs/node",
    $defs: {
      node: { oneOf: [{ type: "number" }, ...kinds.map(kind)] },
      ...Object.fromEntries(kinds.map((name) => [`is ${name}`, { const: name }])),
    },
  };
  const chain = (depth) => (depth === 0 ? 1 : { left: chain(depth - 1), right: depth, kind: kinds[depth % 4] });
  const tree = (depth) => (depth === 0 ? 1 : { left: tree(depth - 1), right: tree(depth - 1), kind: kinds[depth % 4] });
  assert.equal(verdictOn(schema, chain(60)), "");
  // Of two groups of kinds, each of which refers to the other.
  const group = (names, plain) => ({ oneOf: [{ type: plain }, ...names.map(kind)] });
  const groups = {
    ...schema,
    $defs: {
      ...schema.$defs,
      node: { anyOf: [{ $ref: "#/$defs/first" }, { $ref: "#/$defs/second" }] },
      first: group(["sum", "product"], "boolean"),
      second: group(["power", "quotient"], "number"),
    },
  };
  assert.equal(verdictOn(groups, chain(60)), "");
  assert.match(verdictOn(groups, JSON.parse(JSON.stringify(chain(40)).replace(":1,", ':"x",'))), /is "x"/);
  assert.equal(verdictOn(schema, tree(11)), "");
  const list = { uniqueItems: true, items: { type: "object", properties: { id: { pattern: "^\\w+-\\d+$" } } } };
  const items = many(3_000, (index) => ({ id: `item-${index}`, text: "word ".repeat(10) }));
  assert.equal(verdictOn(list, items), "");
  assert.match(verdictOn(list, [...items, items[0]]), /uniqueItems/);
});

test("a fault names the place, what is wrong and the keyword", () => {
  for (const [schema, json, words] of [
    [{ type: ["string", "null"] }, 1, "the whole: is 1, expected string or null (type)"],
    [{ required: ["id", "name"] }, {}, 'the whole: "id", "name" are missing (required)'],
    [{ items: { enum: ["a", null] } }, ["b"], '/0: is none of "a", null (enum)'],
    [
      { properties: { "a/b~": { maxLength: 1 } } },
      { "a/b~": "🐉🐉" },
      "/a~1b~0: has 2 characters, at most 1 are allowed (maxLength)",
    ],
    [{ additionalProperties: false }, { constructor: 1 }, "/constructor: is not allowed here"],
    [{ properties: { n: { multipleOf: 0.1 } } }, { n: 0.35 }, "/n: is no multiple of 0.1 (multipleOf)"],
    [
      { dependentRequired: { a: ["b"] } },
      { a: 1 },
      'the whole: "b" is missing, because there is "a" (dependentRequired)',
    ],
  ])
    assert.equal(verdictOn(schema, json), words);
});

test("of several kinds the faults are those of the one that was meant", () => {
  const kind = (name) => ({
    properties: { kind: { const: name }, size: { type: "number" } },
    required: ["kind", "size"],
  });
  const kinds = { anyOf: [{ type: "null" }, kind("a"), kind("b"), { properties: { kind: { const: "c" } } }] };
  assert.equal(verdictOn(kinds, { kind: "b", size: "x" }), '/size: is "x", expected number (type)');
  const optional = { anyOf: [{ type: "null" }, { type: "array", items: { type: "string" } }] };
  assert.equal(verdictOn(optional, [1, 2]), "/0: is 1, expected string (type)\n/1: is 2, expected string (type)");
  assert.match(verdictOn(optional, {}), /fits none of 2 schemas/);
  // A slip in an enum is no other kind. What is deeper tells kinds apart, too. Where two are as near, it is said.
  const shirt = {
    properties: { kind: { const: "shirt" }, colour: { enum: ["red", "blue"] }, size: { enum: ["S", "L"] } },
  };
  const book = { properties: { kind: { const: "book" } }, required: ["title"] };
  assert.doesNotMatch(verdictOn({ oneOf: [book, shirt] }, { kind: "shirt", colour: "Red", size: "M" }), /book|title/);
  const envelope = (name) => ({ properties: { data: { ...kind(name), required: ["size"] } } });
  const data = { data: { kind: "b", size: "1" } };
  assert.equal(
    verdictOn({ anyOf: [envelope("a"), envelope("b")] }, data),
    '/data/size: is "1", expected number (type)',
  );
  const lists = { anyOf: [{ items: { type: "number" } }, { items: { properties: { a: { type: "string" } } } }] };
  assert.match(verdictOn(lists, [{ a: 1 }]), /^\/0\/a: is 1, expected string/);
  assert.match(verdictOn({ anyOf: [{ maximum: 0 }, { minimum: 100 }] }, 50), /fits none of 2 schemas/);
  // A property that a schema that does not fit would have looked at is not left over.
  const based = { allOf: [{ required: ["id"], properties: { name: true } }], unevaluatedProperties: false };
  assert.equal(verdictOn(based, { name: "x" }), 'the whole: "id" is missing (required)');
});

test("what an object inherits is no property, and what it has by such a name is one", () => {
  const schema = JSON.parse('{"required": ["toString"], "properties": {"__proto__": {"type": "string"}}}');
  assert.match(validate(JSON.stringify(schema), "{}"), /"toString" is missing/);
  assert.match(validate(JSON.stringify(schema), '{"toString": 1, "__proto__": 1}'), /^\/__proto__: is 1/);
  assert.equal(validate(JSON.stringify(schema), '{"toString": 1, "__proto__": "a"}'), "");
});
