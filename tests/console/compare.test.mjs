// Two answers to one request, judged without their names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/load.mjs";

const store = new Map();
Object.assign(globalThis, {
  localStorage: {
    getItem: (key) => store.get(key) ?? null,
    setItem: (key, value) => store.set(key, value),
    removeItem: (key) => store.delete(key),
  },
});
const { addressOfPair, factsOf, FIELDS, inOrder, nameOf, pairOf, submissionsOf, toss, verdictOf } =
  await load("compare/comparison.ts");
const { chosenOf, keepChoice } = await load("compare/choices.ts");
const { BLANK } = await load("home/draft.ts");

const side = (asked, chosen, more = {}) => ({
  status: "complete",
  output: { finalResult: "x" },
  mode: { asked, chosen },
  answer: { words: 1234 },
  start: "2026-01-01T00:00:00.000Z",
  end: "2026-01-01T00:01:02.300Z",
  warnings: [],
  usage: { total_tokens: 5678, model_calls: 3, estimated: true },
  ...more,
});

test("one request is sent in two ways, which differ in nothing else", () => {
  const draft = { ...BLANK, prompt: "p", mode: "split", approval: true, length: "brief", followUpTo: "w0" };
  assert.deepEqual(submissionsOf(draft), [
    { prompt: "p", follow_up_to: "w0", options: { mode: "direct", length: "brief" } },
    { prompt: "p", follow_up_to: "w0", options: { length: "brief" } },
  ]);
});

test("the address of a pair names both in their order, and nothing else is one", () => {
  const pair = ["w1", "01a2-b_c"];
  assert.deepEqual(pairOf(addressOfPair(pair).slice("/#".length)), pair);
  for (const other of ["", "answer", "compare", "compare/w1", "compare/w1/", "compare/w1/w2/w3", "compare/../w2"])
    assert.equal(pairOf(other), null, other);
});

test("the order is a toss", () => {
  assert.deepEqual(inOrder(["one", "other"], true), ["one", "other"]);
  assert.deepEqual(inOrder(["one", "other"], false), ["other", "one"]);
  const heads = Array.from({ length: 2_000 }, toss).filter(Boolean).length;
  assert.ok(heads > 800 && heads < 1_200, `${heads} of 2000`);
});

test("what each side is, is told in the same rows", () => {
  assert.deepEqual(factsOf(side("auto", "split")), [
    ["Words", "1,234"],
    ["Tokens", "≈ 5,678"],
    ["Model calls", "3"],
    ["Seconds", "62.3"],
    ["Warnings", "0"],
  ]);
  const rows = (of) => factsOf(of).map(([name]) => name);
  const none = side("direct", null, { output: null, answer: null, end: null });
  assert.deepEqual(rows(none), rows(side("auto", "split")));
  for (const name of FIELDS.split(",")) assert.ok(name in none, name);
  assert.deepEqual(
    [side("direct", "direct"), side("auto", "direct"), side("auto", "split")]
      .map(nameOf)
      .map((name) => name.slice(0, 8)),
    ["Direct: ", "Auto, wh", "Auto, wh"],
  );
});

test("the choice is told with the names, and says where only chance differs", () => {
  const sides = [side("auto", "split"), side("direct", "direct")];
  assert.equal(verdictOf("b", sides), "You would send B. Direct: one call of the big model.");
  assert.equal(verdictOf("neither", sides), "You would send neither.");
  assert.match(
    verdictOf("equal", [side("auto", "direct"), sides[1]]),
    /alike to you\. Both were .* by chance alone\.$/,
  );
});

test("a choice is kept for its pair in its order, and the oldest are forgotten", () => {
  keepChoice(["w1", "w2"], "a");
  assert.deepEqual([chosenOf(["w1", "w2"]), chosenOf(["w2", "w1"])], ["a", null]);
  for (let n = 0; n < 100; n++) keepChoice([`x${n}`, "y"], "equal");
  assert.deepEqual([chosenOf(["w1", "w2"]), chosenOf(["x99", "y"])], [null, "equal"]);
  store.set("orchestrator.compared", "{");
  assert.equal(chosenOf(["x99", "y"]), null);
});
