import { rule, says, wordsWithin } from "./lib/rules.mjs";

const [control, variant] = [
  { users: 50_421, orders: 2_521 },
  { users: 48_912, orders: 2_641 },
];

export function check(answer, { words }) {
  const all = control.users + variant.users;
  const chiSquare = (control.users - variant.users) ** 2 / all;
  return [
    wordsWithin("at most 250 words", words(answer), { least: 20, most: 250 }),
    rule("names the mismatch of the split", () =>
      /\bSRM\b|sample[- ]ratio|imbalanc|mismatch|uneven|unequal|skewed/i.test(answer) ? null : "not named",
    ),
    rule("gives a figure for it", () => {
      const parts = [
        says("", answer, chiSquare, 0.1),
        says("", answer, Math.sqrt(chiSquare), 0.02),
        says("", answer, (100 * control.users) / all, 0.06),
        says("", answer, (100 * variant.users) / all, 0.06),
        says("", answer, control.users - variant.users),
      ];
      return parts.some(({ passed }) => passed) ? null : `no chi-square ${chiSquare.toFixed(1)}, no shares`;
    }),
    says("the rate of the variant", answer, (100 * variant.orders) / variant.users, 0.011),
    says("the rate of control", answer, (100 * control.orders) / control.users, 0.011),
  ];
}
