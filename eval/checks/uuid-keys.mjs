import { rule, wordsWithin } from "./lib/rules.mjs";

export function check(answer, { words }) {
  return [
    wordsWithin("at most 200 words", words(answer), { least: 30, most: 200 }),
    rule("starts with a recommendation", () => {
      const first = answer
        .split("\n")
        .filter((line) => line.trim() !== "" && !/^#/.test(line))
        .slice(0, 2)
        .join(" ");
      return /v7|v4|bigint|identity/i.test(first) ? null : "the first two lines name none of the three";
    }),
    ...["v4", "v7", "bigint"].map((name) =>
      rule(`speaks of ${name}`, () => (answer.toLowerCase().includes(name) ? null : "not a word of it")),
    ),
  ];
}
