import { rule, wordsWithin } from "./lib/rules.mjs";

const NEVER = [/\bDana\b/i, /\bPiotr\b/i, /hal-pgb/i, /human error/i, /very seriously/i];

export function check(answer, { words }) {
  const lasted = (10 * 60 + 46 - (9 * 60 + 12)).toString();
  return [
    wordsWithin("at most 600 words", words(answer), { least: 150, most: 600 }),
    rule("names nobody, and none of the phrases", () => NEVER.find((one) => one.test(answer))),
    rule("says how long it lasted", () =>
      new RegExp(`\\b${lasted}\\b|\\b(1|one) ?h(ours?)?( and)? 34`, "i").test(answer) ? null : `no ${lasted} minutes`,
    ),
    ...["41", "1,204", "87", "09:12", "10:46", "09:50"].map((figure) =>
      rule(`has ${figure}`, () => (hasFigure(answer, figure) ? null : "it is not there")),
    ),
  ];
}

const hasFigure = (answer, figure) =>
  new RegExp(`(?<!\\d)${figure.replace(",", "[,. ]?").replace(/^0/, "0?")}(?!\\d)`).test(answer);
