import { rule, wordsWithin } from "./lib/rules.mjs";

export function check(answer, { words }) {
  return [
    wordsWithin("at most 120 words", words(answer), { least: 40, most: 120 }),
    rule("none of the phrases", () => /unfortunately|(we|I) regret/i.exec(answer)?.[0]),
    rule("addresses her", () => (/\b(Amira|Haddad)\b/.test(answer) ? null : "no name")),
    rule("signed Jonas Weber", () => (/Jonas Weber\W*$/.test(answer.trim()) ? null : "not at the end")),
    rule("names schema evolution", () =>
      /schema[- ]evolution|evolv\w+ (of )?(the )?schema/i.test(answer) ? null : "no",
    ),
  ];
}
