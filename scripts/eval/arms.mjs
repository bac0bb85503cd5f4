// The arms: what answers the requests. And which of them the judge compares.

/**
 * In the order in which a request runs through them. `same-tokens` spends what `auto` took, so it comes after it.
 * `needs`: the arm without which this one can't run.
 *
 * @type {Record<string, { title: string, options?: Record<string, unknown>, needs?: string }>}
 */
export const ARMS = {
  auto: { title: "the product, as it comes", options: { mode: "auto" } },
  "same-tokens": {
    title: "one model at the same number of tokens: draft, critique, revise",
    options: { mode: "direct" },
    needs: "auto",
  },
  direct: { title: "one call of the big model", options: { mode: "direct" } },
  "auto-review": { title: "the product with a review", options: { mode: "auto", review: "once" } },
};

export const QUICK_ARMS = ["auto", "same-tokens"];
export const QUICK_REQUESTS = 6;

/** Whose wins and losses are told, against whom. The first is the headline. */
export const PAIRS = [
  ["auto", "same-tokens"],
  ["auto", "direct"],
  ["auto-review", "auto"],
  ["auto-review", "direct"],
];

export const pairsOf = (arms) => PAIRS.filter((pair) => pair.every((arm) => arms.includes(arm)));

/** The options of a submission: every arm has the request's own limit of words. */
export function optionsOf(arm, request) {
  const length = request.max_words ? { length: { max_words: request.max_words } } : {};
  return { ...ARMS[arm].options, ...length };
}
