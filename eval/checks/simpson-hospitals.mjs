import { dataOf, figures, isLike, rule } from "./lib/rules.mjs";

const MILD = { a: [95, 100], b: [276, 300] };
const SEVERE = { a: [210, 300], b: [65, 100] };

export function check(answer, tools) {
  const data = dataOf(answer, tools);
  const rate = ([healed, all]) => healed / all;
  const ofBoth = (of) => ({ a: 100 * of("a"), b: 100 * of("b") });
  const mildShare = 0.5;
  const tables = {
    overall: ofBoth((at) => rate([MILD[at][0] + SEVERE[at][0], MILD[at][1] + SEVERE[at][1]])),
    mild: ofBoth((at) => rate(MILD[at])),
    severe: ofBoth((at) => rate(SEVERE[at])),
    standardised: ofBoth((at) => mildShare * rate(MILD[at]) + (1 - mildShare) * rate(SEVERE[at])),
  };
  const expected = Object.entries(tables).flatMap(([name, { a, b }]) => [
    [`${name}.a`, a],
    [`${name}.b`, b],
  ]);
  const variance = ([healed, all]) => ((healed / all) * (1 - healed / all)) / all;
  const difference = rate(SEVERE.a) - rate(SEVERE.b);
  const half = 1.96 * Math.sqrt(variance(SEVERE.a) + variance(SEVERE.b));
  return [
    ...figures(data, Object.fromEntries(expected), 0.006),
    rule("severe_difference_ci", () => {
      const [low, high] = data.severe_difference_ci;
      const isIt = isLike(low, 100 * (difference - half), 0.06) && isLike(high, 100 * (difference + half), 0.06);
      return isIt ? null : `${low} to ${high}`;
    }),
    // The paradox has no name that every writer uses; both hospitals by severity must be there in any case.
    rule("names what happens", () => (/シンプソン|交絡|逆転/.test(answer) ? null : "no word for it")),
  ];
}
