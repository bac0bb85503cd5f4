// Tokens: what a unit is expected to take, what has been spent, and the cap on both together. Pure.

/** Where nothing is measured yet: calls and tokens of an answer, by the shape of its request. Rough on purpose. */
const TYPICAL = {
  auto: { split: [8, 30_000], sequential: [4, 12_000], simple: [2, 5_000] },
  "same-tokens": { split: [9, 30_000], sequential: [5, 12_000], simple: [1, 5_000] },
  direct: { split: [1, 3_000], sequential: [1, 3_000], simple: [1, 2_500] },
  "auto-review": { split: [9, 36_000], sequential: [5, 16_000], simple: [3, 8_000] },
};
const VERDICT = [1, 4_500];
const CONTROL = [1, 800];
/** Unless a cap is named, an eval stops at this many times its estimate. */
const CAP_OF_ESTIMATES = 2;

/**
 * `{ calls, tokens }` of a unit. What is in `entries` already tells more than a rule of thumb: the mean of the arm on
 * requests of the same shape.
 */
export function estimateOf(unit, requests, entries) {
  if (unit.kind === "checks") return { calls: 0, tokens: 0 };
  const shapeOf = (id) => requests.find((request) => request.id === id)?.shape;
  const isAlike = (entry) =>
    entry.kind === unit.kind &&
    (unit.kind !== "answer" || (entry.arm === unit.arm && shapeOf(entry.request) === shapeOf(unit.request)));
  const known = [...entries.values()].filter((entry) => isAlike(entry) && entry.tokens > 0);
  const mean = (field) => Math.ceil(known.reduce((sum, entry) => sum + entry[field], 0) / known.length);
  if (known.length > 0) return { calls: mean("calls"), tokens: mean("tokens") };
  const typical = { verdict: VERDICT, control: CONTROL }[unit.kind] ?? TYPICAL[unit.arm][shapeOf(unit.request)];
  return { calls: typical[0], tokens: typical[1] };
}

/** The sum over units. */
export function estimateAll(units, requests, entries) {
  const sum = { calls: 0, tokens: 0 };
  for (const unit of units) {
    const { calls, tokens } = estimateOf(unit, requests, entries);
    sum.calls += calls;
    sum.tokens += tokens;
  }
  return sum;
}

/** The tokens of what is there. */
export function spentOf(entries) {
  return [...entries.values()].reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);
}

export const defaultCap = (spent, rest) => CAP_OF_ESTIMATES * (spent + rest);

/** Lets a unit begin only while what is spent, and what those in flight are expected to take, stays within the cap. */
export class Ledger {
  #reserved = new Map();

  constructor(cap, spent) {
    this.cap = cap;
    this.spent = spent;
  }

  admit(key, tokens) {
    if (this.spent + this.#inFlight() + tokens > this.cap) return false;
    this.#reserved.set(key, tokens);
    return true;
  }

  /** A plan says more than a rule of thumb. */
  expect(key, tokens) {
    this.#reserved.set(key, Math.max(tokens, this.#reserved.get(key) ?? 0));
  }

  settle(key, tokens) {
    this.#reserved.delete(key);
    this.spent += tokens;
  }

  #inFlight() {
    return [...this.#reserved.values()].reduce((sum, tokens) => sum + tokens, 0);
  }
}
