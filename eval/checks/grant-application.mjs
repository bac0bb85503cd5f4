import { rule, sectionsNamed, sectionsOf, wordsWithin } from "./lib/rules.mjs";

const LIMITS = [
  ["Summary", 60, 80],
  ["Need", 20, 150],
  ["What we will do", 20, 250],
  ["Results and how we measure them", 20, 180],
  ["Budget", 5, 100],
  ["Risks", 20, 120],
  ["After the funding", 10, 100],
  ["Note to ourselves", 5, 80],
];

export function check(answer, { words }) {
  return [
    rule("the headings, in this order", () => {
      const titles = sectionsOf(answer).map(({ title }) => title.toLowerCase());
      const found = titles.filter((title) => LIMITS.some(([name]) => name.toLowerCase() === title));
      return found.join() === LIMITS.map(([name]) => name.toLowerCase()).join() ? null : titles.join(", ");
    }),
    ...LIMITS.map(([title, least, most]) => {
      let count = 0;
      const there = rule(title, () => {
        count = words(withSubsections(answer, title));
      });
      return there.passed ? wordsWithin(title, count, { least, most }) : there;
    }),
    rule("the budget has a table", () => (/^\s*\|.*\d/m.test(sectionsNamed(answer, ["Budget"])[0]) ? null : "none")),
  ];
}

/** A section with those of lower levels in it. */
function withSubsections(answer, title) {
  const parts = answer.split(/^##[ \t]+(.+)$/m);
  const at = parts.findIndex((part, index) => index % 2 === 1 && part.trim().toLowerCase() === title.toLowerCase());
  if (at < 0) throw new Error(`no section "${title}"`);
  return parts[at + 1];
}
