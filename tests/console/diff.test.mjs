// The difference between two versions of a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/load.mjs";

const { differenceOf } = await load("lib/diff.ts");

const side = (pieces, other) =>
  pieces
    .filter(({ kind }) => kind !== other)
    .map(({ text }) => text)
    .join("");
const short = (pieces) =>
  pieces.map(({ kind, text }) => (kind === "same" ? text : `${kind === "gone" ? "-" : "+"}[${text}]`)).join("");

/** Both texts are in the difference, whole and in order. */
function checked(before, after) {
  const pieces = differenceOf(before, after);
  assert.equal(side(pieces, "new"), before);
  assert.equal(side(pieces, "gone"), after);
  for (const [index, { kind, text }] of pieces.entries()) {
    assert.notEqual(text, "");
    assert.notEqual(kind, pieces[index + 1]?.kind, "neighbours are one");
  }
  return pieces;
}

test("words that differ are told, and the rest is told as it stays", () => {
  for (const [before, after, told] of [
    ["", "", ""],
    ["Same.\n", "Same.\n", "Same.\n"],
    ["The port is 80.", "The port is 8080.", "The port is -[80]+[8080]."],
    ["One.\nTwo.\nThree.\n", "One.\nThree.\n", "One.\n-[Two.\n]Three.\n"],
    ["One.\n", "One.\nTwo.\n", "One.\n+[Two.\n]"],
    ["", "New.", "+[New.]"],
    ["Gone.", "", "-[Gone.]"],
    ["It was made by her in May.", "It was sent by him in May.", "It was -[made]+[sent] by -[her]+[him] in May."],
    ["a big red ball", "a tiny blue ball", "a -[big red]+[tiny blue] ball"],
    ["Er heißt Müller, 🦀 und so.", "Er heißt Möller, 🐙 und so.", "Er heißt -[Müller]+[Möller], -[🦀]+[🐙] und so."],
    ["这个端口是八十。", "这个端口是八千。", "这个端口是八-[十]+[千]。"],
    ["alpha beta gamma delta", "one two three four five", "-[alpha beta gamma delta]+[one two three four five]"],
  ])
    assert.equal(short(checked(before, after)), told, `${before} -> ${after}`);
});

test("any two texts are in their difference, whole and in order", () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const words = ["a", "b", "🦀", " ", "  ", "\n", "\n\n", "é", "。", "the", "-"];
  const text = () => Array.from({ length: random(60) }, () => words[random(words.length)]).join("");
  for (let round = 0; round < 3_000; round++) checked(text(), text());
});

test("a long text with a few corrections is compared quickly, and two long texts too", () => {
  const line = (index) => `Line ${index} of the text has some words, of which ${index * 7} is a number.\n`;
  const before = Array.from({ length: 20_000 }, (_, index) => line(index)).join("");
  const after = before.replace("Line 17 of", "Row 17 of").replace("Line 19999 of", "Row 19999 of");
  const started = performance.now();
  assert.equal(checked(before, after).filter(({ kind }) => kind !== "same").length, 4);
  const other = Array.from({ length: 20_000 }, (_, index) => `Quite another line, ${index * 31}.\n`).join("");
  assert.deepEqual(
    checked(before, other).map(({ kind }) => kind),
    ["gone", "new"],
  );
  const took = performance.now() - started;
  assert.ok(took < 3_000, `${took} ms`);
});
