// The statistics of wins and losses. Pure; nothing is approximated but Wilson's interval.

/** Of two-sided tests and of intervals. */
export const ALPHA = 0.05;
export const POWER = 0.8;
/** The normal distribution's quantile for 95 % in the middle. */
const Z = 1.959963984540054;
const BISECTIONS = 60;

/**
 * The probability of a split at least as uneven as this one if wins and losses were equally likely (the exact sign
 * test, two-sided). Ties say nothing and are left out of it. 1 without any win or loss.
 */
export function signTest(wins, losses) {
  const n = wins + losses;
  return Math.min(1, 2 * atMost(Math.min(wins, losses), n, 0.5));
}

/**
 * Wilson's 95 % interval of a rate, `[low, high]`; null without data. `successes` may have halves for ties: their
 * variance is smaller than a coin's, so that the interval is then rather too wide than too narrow.
 */
export function wilson(successes, n) {
  if (n === 0) return null;
  const rate = successes / n;
  const square = Z * Z;
  const middle = (rate + square / (2 * n)) / (1 + square / n);
  const half = (Z / (1 + square / n)) * Math.sqrt((rate * (1 - rate)) / n + square / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * The least true win rate above one half that the sign test finds with a probability of 80 % among `n` decided
 * requests (its mirror image below one half likewise), by the binomial distribution itself: the smallest p with
 * P(X <= k) + P(X >= n - k) >= 0.8 for X ~ B(n, p), where k is the largest number with 2 P(X <= k) <= 0.05 under
 * p = 1/2. Null where no result of so few could be told from chance.
 */
export function resolvable(n) {
  const k = critical(n);
  if (k === null) return null;
  // P(X >= n - k) under p is P(X <= k) under 1 - p.
  const power = (p) => atMost(k, n, p) + atMost(k, n, 1 - p);
  let [low, high] = [0.5, 1];
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (power(middle) >= POWER) high = middle;
    else low = middle;
  }
  return high;
}

/** The largest number of losses (or wins) that the test still calls a difference. */
function critical(n) {
  let found = null;
  for (let k = 0; k < n / 2 && 2 * atMost(k, n, 0.5) <= ALPHA; k++) found = k;
  return found;
}

/** P(X <= k) for X ~ B(n, p). */
export function atMost(k, n, p) {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let sum = 0;
  let logTerm = n * Math.log1p(-p);
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return Math.min(1, sum);
}

/** The middle of a list; null of an empty one. */
export function median(numbers) {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
