// The Worker's regular expressions against JavaScript's own engine, which may take for ever where they must not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { validate } from "../../src/cloudflare/json-schema.js";
import { linearRegExp } from "../../src/cloudflare/linear-regexp.js";
import { makeRandom } from "../e2e/support/random.mjs";

const PATTERNS = JSON.parse(readFileSync(new URL("../fixtures/patterns.json", import.meta.url), "utf8"));
const SEED = Date.now() % 2 ** 31;
const PIECES = [
  "a",
  "b",
  "é",
  "🐉",
  "[ab]",
  "[^a-c]",
  "[\\d\\]]",
  "\\w",
  "\\S",
  "\\b",
  "^",
  "$",
  ".",
  "\\p{L}",
  "\\u{1F409}",
].concat(["(?:", "(", ")", ")", "|", "|", "*", "+", "?", "{2}", "{0,3}", "{1,}", "+?", "*?"]);
const CHARACTERS = ["a", "b", "c", " ", "é", "🐉", "1", "\n", "\u2028", "-", "]"];

let work = 0;
const Linear = linearRegExp((count) => {
  work += count;
});

test("a pattern finds what JavaScript's own engine finds", (context) => {
  const random = makeRandom(SEED);
  const some = (list, most) => Array.from({ length: random.whole(0, most) }, () => random.oneOf(list)).join("");
  let compared = 0;
  for (let round = 0; round < 60_000; round += 1) {
    const pattern = some(PIECES, 7);
    const native = compiled(pattern);
    if (native === null) continue;
    const linear = new Linear(pattern);
    for (let count = 0; count < 4; count += 1) {
      const text = some(CHARACTERS, 7);
      assert.equal(linear.test(text), native.test(text), `seed ${SEED}: ${JSON.stringify([pattern, text])}`);
      compared += 1;
    }
  }
  context.diagnostic(`figure: patterns: ${compared} searches as JavaScript's own (seed ${SEED})`);
  assert.ok(compared > 20_000);
});

test("what a submission takes is a pattern, and what is none is refused", () => {
  for (const pattern of PATTERNS.honoured) {
    const [linear, native] = [new Linear(pattern), new RegExp(pattern, "u")];
    for (const text of ["", "a", "aab", "word", "2026-11-27", "é🐉", "a@b", "\t\n\v\f\r\0", "AAA🐉🐉"])
      assert.equal(linear.test(text), native.test(text), `${pattern} on ${JSON.stringify(text)}`);
  }
  // What is refused though it is one, is written in the list on purpose: see pattern.rs.
  const all = PATTERNS.honoured.concat(PATTERNS.refused);
  const broken = all.filter((pattern) => compiled(pattern) === null);
  assert.deepEqual(
    broken.filter((pattern) => !PATTERNS.refused.includes(pattern)),
    [],
  );
  assert.ok(broken.length > 20, `${broken.length}`);
});

test("no pattern takes longer than its length times the text's", () => {
  for (const [pattern, text] of [
    [`^(?:a|a)${"(?:a|a)".repeat(36)}$`, `${"a".repeat(37)}b`],
    [`^${"a{0,9}".repeat(40)}$`, `${"a".repeat(2_000)}b`],
    ["^(a+)+$", `${"a".repeat(20_000)}b`],
    ["(a|aa)*b", "a".repeat(20_000)],
    ["(?:|){0,999}b", "a".repeat(5_000)],
    [`${"a?".repeat(50)}${"a".repeat(50)}`, "a".repeat(49)],
    ["(.*)(.*)(.*)(.*)x", "a".repeat(5_000)],
  ]) {
    work = 0;
    assert.equal(new Linear(pattern).test(text), false);
    assert.ok(work < 4 * (partsOf(pattern) + 1) * (text.length + 1), `${pattern}: ${work}`);
  }
});

const deep = (levels) => (levels === 0 ? 1 : { a: deep(levels - 1) });
const itself = { $ref: "#" };
for (const [name, schema, json] of [
  ["alternatives of itself", { properties: { a: { anyOf: [itself, itself] } } }, deep(40)],
  ["all of itself", { properties: { a: { allOf: Array(8).fill(itself) } } }, deep(40)],
  ["one of itself by names", { additionalProperties: { oneOf: [itself, itself, { type: "number" }] } }, deep(40)],
  ["itself for what is left over", { unevaluatedProperties: { anyOf: [itself, itself] } }, deep(40)],
  [
    "many texts in a long pattern",
    { items: { pattern: `^${"[a-z]{0,40}".repeat(40)}$` } },
    Array(200).fill("a".repeat(999)),
  ],
  ["items that must differ", { uniqueItems: true }, Array.from({ length: 50_000 }, (_, index) => `item ${index}`)],
  ["objects that must differ", { uniqueItems: true }, Array.from({ length: 9_000 }, (_, index) => ({ a: 1, index }))],
  [
    "a long text, many times",
    { allOf: Array(900).fill({ minLength: 1, maxLength: 9e6 }) },
    Array(1).fill("x".repeat(2e5))[0],
  ],
  ["errors by the thousand", { items: { allOf: Array(900).fill({ type: "string" }) } }, Array(4_000).fill(1)],
  [
    "errors with long words",
    { items: { enum: Array.from({ length: 2_000 }, (_, index) => `${index}`) } },
    Array(50_000).fill(1),
  ],
  ["states that take no character", { pattern: "(?:|){0,999}b" }, "a".repeat(262_000)],
  ["a pattern that is built anew for each text", { items: { not: { pattern: "^a{999}" } } }, Array(87_000).fill("")],
  [
    "a text whose characters are counted by many",
    {
      $defs: { s: { allOf: Array(900).fill({ minLength: 1 }) } },
      allOf: Array(140).fill({ properties: { a: { $ref: "#/$defs/s" } } }),
    },
    { a: "x".repeat(262_000) },
  ],
  ["many names by patterns", { patternProperties: { "^(a|b)*c": false, "^(a|b)*d$": {} } }, names(20_000)],
])
  test(`a schema takes no longer than a moment, and little memory: ${name}`, () => {
    const [schemaText, jsonText] = [JSON.stringify(schema), JSON.stringify(json)];
    const before = performance.now();
    const verdict = validate(schemaText, jsonText);
    const took = performance.now() - before;
    assert.ok(took < 5_000, `${took} ms: ${verdict}`);
    assert.ok(verdict.length < 4_000);
    assert.equal(globalThis.RegExp, /x/.constructor);
  });

test("JSON of a usual size and depth is compared to its end", () => {
  const node = {
    $defs: {
      node: {
        oneOf: [
          branch(),
          { type: "object", required: ["leaf"], additionalProperties: false, properties: { leaf: true } },
        ],
      },
    },
    $ref: "#/$defs/node",
  };
  const tree = (depth) => (depth === 0 ? { leaf: depth } : { children: [tree(depth - 1), tree(depth - 1)] });
  assert.equal(validate(JSON.stringify(node), JSON.stringify(tree(9))), "");
  const list = {
    uniqueItems: true,
    items: { type: "object", properties: { id: { pattern: "^\\w+-\\d+$" } }, required: ["id"] },
  };
  const items = Array.from({ length: 300 }, (_, index) => ({ id: `item-${index}`, text: "word ".repeat(50) }));
  assert.equal(validate(JSON.stringify(list), JSON.stringify(items)), "");
  assert.match(validate(JSON.stringify(list), JSON.stringify([...items, items[0]])), /uniqueItems/);
});

/** As src/api/output_schema/pattern.rs counts them, or more. */
const partsOf = (pattern) => (pattern.includes("{0,999}") ? 4_000 : 4 * pattern.length);

function branch() {
  const children = { type: "array", items: { $ref: "#/$defs/node" } };
  return { type: "object", required: ["children"], additionalProperties: false, properties: { children } };
}

function names(count) {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`ab${index}`, 1]));
}

function compiled(pattern) {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return null;
  }
}
