// The eval's statistics against known values, and what counts as a win.

import assert from "node:assert/strict";
import { test } from "node:test";
import { areLike, ofOrders, ofPair, ofRequest, tally } from "../../scripts/eval/outcomes.mjs";
import { atMost, median, resolvable, signTest, wilson } from "../../scripts/eval/statistics.mjs";

const near = (found, wanted, tolerance = 1e-4) =>
  assert.ok(Math.abs(found - wanted) <= tolerance, `${found} is not ${wanted}`);

test("the sign test is exact", () => {
  for (const [wins, losses, p] of [
    [0, 0, 1],
    [1, 0, 1],
    [5, 0, 0.0625],
    [6, 0, 0.03125],
    [9, 1, 22 / 1024],
    [1, 9, 22 / 1024],
    [10, 10, 1],
    [15, 5, 0.041389],
    [60, 40, 0.056888],
  ])
    near(signTest(wins, losses), p);
});

test("the binomial distribution does not overflow with many requests", () => {
  near(atMost(5_000, 10_000, 0.5), 0.503989);
  near(atMost(0, 2_000, 0.5), 0);
  assert.equal(atMost(3, 3, 1), 1);
  assert.equal(atMost(2, 3, 1), 0);
});

test("Wilson's interval has the values of the literature", () => {
  for (const [successes, n, low, high] of [
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [8, 10, 0.4902, 0.9433],
    // Newcombe 1998, table I.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
  ]) {
    const interval = wilson(successes, n);
    near(interval[0], low);
    near(interval[1], high);
  }
  assert.equal(wilson(0, 0), null);
});

test("the difference that n can resolve is where the test has a power of 80 %", () => {
  for (const n of [0, 1, 5]) assert.equal(resolvable(n), null, `${n} requests can show nothing`);
  // All six have to be won: p^6 = 0.8.
  near(resolvable(6), 0.8 ** (1 / 6));
  for (const n of [6, 20, 40, 100]) {
    const p = resolvable(n);
    // By simulation with the binomial distribution itself: what the test rejects, summed up.
    let power = 0;
    for (let wins = 0; wins <= n; wins++)
      if (signTest(wins, n - wins) <= 0.05) power += atMost(wins, n, p) - (wins > 0 ? atMost(wins - 1, n, p) : 0);
    near(power, 0.8, 1e-3);
  }
  near(resolvable(20), 0.799, 2e-3);
  assert.ok(resolvable(100) < resolvable(40));
});

test("the middle of a list", () => {
  assert.deepEqual([median([]), median([3]), median([4, 1, 3]), median([4, 1])], [null, 3, 3, 2.5]);
});

test("only what both orders say is a win, and no verdict is no tie", () => {
  const verdict = (winner) => ({ winner });
  for (const [first, second, outcome, disagreed] of [
    ["A", "B", "win", false],
    ["B", "A", "loss", false],
    ["tie", "tie", "tie", false],
    // The same place twice, or only one of the two orders: the order decided, and not the text.
    ["A", "A", "tie", true],
    ["B", "B", "tie", true],
    ["A", "tie", "tie", true],
    ["tie", "A", "tie", true],
    [null, "B", "none", false],
    ["A", null, "none", false],
    ["C", "B", "none", false],
  ])
    assert.deepEqual(ofOrders(verdict(first), verdict(second)), { outcome, disagreed }, `${first} ${second}`);
  assert.equal(ofOrders(undefined, verdict("B")).outcome, "none");
});

test("an answer against none wins, and what has not been run has no outcome", () => {
  const [answer, failed] = [{ error: null }, { error: { name: "X" } }];
  const verdicts = { first: { winner: "A" }, second: { winner: "B" } };
  assert.equal(ofPair({ x: answer, y: answer, ...verdicts }).outcome, "win");
  assert.equal(ofPair({ x: answer, y: failed }).outcome, "win");
  assert.equal(ofPair({ x: failed, y: answer }).outcome, "loss");
  assert.equal(ofPair({ x: failed, y: failed }).outcome, "none");
  assert.equal(ofPair({ x: answer, y: undefined, ...verdicts }), undefined);
  assert.equal(ofPair({ x: answer, y: answer, first: verdicts.first }), undefined);
});

test("answers are alike within 15 % of the longer one", () => {
  const of = (one, other) => areLike({ words: one, error: null }, { words: other, error: null });
  assert.deepEqual([of(85, 100), of(100, 85), of(84, 100), of(0, 0)], [true, true, false, true]);
  assert.equal(areLike({ words: 5, error: {} }, { words: 5, error: null }), false);
});

test("samples of a request are one outcome", () => {
  assert.equal(ofRequest(["win", "win", "loss"]), "win");
  assert.equal(ofRequest(["win", "loss"]), "tie");
  assert.equal(ofRequest(["none", "loss"]), "loss");
  assert.equal(ofRequest(["none", "none"]), "none");
  assert.equal(ofRequest([]), undefined);
});

test("a tally counts ties as half, and what has no verdict not at all", () => {
  const { interval, ...found } = tally(["loss", "win", "win", "tie", "none"]);
  assert.deepEqual(found, { losses: 1, ties: 1, wins: 2, none: 1, n: 4, rate: 0.625, p: 1, resolves: null });
  assert.deepEqual(interval, wilson(2.5, 4));
  assert.equal(tally(["none"]).rate, null);
});
