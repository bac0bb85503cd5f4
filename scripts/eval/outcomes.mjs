// Who won, from answers and verdicts. Pure.
//
// The unit is the request: samples of one request are alike, so that they count as one outcome together. Unknown is
// never a tie: a pair without a verdict, and one that has not been run, is counted apart.

import { resolvable, signTest, wilson } from "./statistics.mjs";

/** Answers are of like length where they differ by at most this part of the longer one. */
export const LIKE_LENGTH = 0.15;

/**
 * One pair of answers. `first` is the verdict where the arm `x` stood first, `second` the one in the swapped order;
 * each says which of the two stood there: `{ winner: "A" | "B" | "tie" | null }`, null for no verdict.
 * `{ outcome: "win" | "loss" | "tie" | "none", disagreed }` of `x`.
 */
export function ofOrders(first, second) {
  const scores = [scoreOf(first, "A"), scoreOf(second, "B")];
  if (scores.includes(null)) return { outcome: "none", disagreed: false };
  if (scores[0] !== scores[1]) return { outcome: "tie", disagreed: true };
  return { outcome: { 1: "win", "-1": "loss", 0: "tie" }[scores[0]], disagreed: false };
}

function scoreOf(verdict, own) {
  if (verdict?.winner === "tie") return 0;
  if (!["A", "B"].includes(verdict?.winner)) return null;
  return verdict.winner === own ? 1 : -1;
}

/**
 * One pair of answers with what decides it without a judge: an answer against none wins, and two that are missing have
 * no outcome. Undefined where it has not been run.
 */
export function ofPair({ x, y, first, second }) {
  if (!x || !y) return undefined;
  if (x.error || y.error) {
    if (x.error && y.error) return { outcome: "none", disagreed: false };
    return { outcome: x.error ? "loss" : "win", disagreed: false, unanswered: true };
  }
  return first && second ? ofOrders(first, second) : undefined;
}

export function areLike(x, y) {
  if (x.error || y.error) return false;
  return Math.abs(x.words - y.words) <= LIKE_LENGTH * Math.max(x.words, y.words);
}

/** The outcome of a request from those of its samples: that of most of them. */
export function ofRequest(outcomes) {
  const known = outcomes.filter((outcome) => outcome !== "none");
  if (known.length === 0) return outcomes.length > 0 ? "none" : undefined;
  const balance = known.reduce((sum, outcome) => sum + { win: 1, loss: -1, tie: 0 }[outcome], 0);
  if (balance === 0) return "tie";
  return balance > 0 ? "win" : "loss";
}

/**
 * What a list of outcomes of requests comes to: `{ losses, ties, wins, none, n, rate, interval, p, resolves }`. `n`
 * counts what has an outcome, `rate` is wins and half of the ties among it.
 */
export function tally(outcomes) {
  const count = (outcome) => outcomes.filter((one) => one === outcome).length;
  const [losses, ties, wins, none] = ["loss", "tie", "win", "none"].map(count);
  const n = losses + ties + wins;
  const won = wins + ties / 2;
  return {
    losses,
    ties,
    wins,
    none,
    n,
    rate: n === 0 ? null : won / n,
    interval: wilson(won, n),
    p: signTest(wins, losses),
    resolves: resolvable(wins + losses),
  };
}
