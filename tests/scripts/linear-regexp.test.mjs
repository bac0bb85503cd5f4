// The Worker's regular expressions against JavaScript's own engine, which may take for ever where they must not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
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

/** As src/api/output_schema/pattern.rs counts them, or more. */
const partsOf = (pattern) => (pattern.includes("{0,999}") ? 4_000 : 4 * pattern.length);

function compiled(pattern) {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return null;
  }
}
