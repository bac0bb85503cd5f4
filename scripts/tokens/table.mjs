// The table that the token estimate is held against: tests/fixtures/tokens.jsonl, texts with the counts of real
// tokenizers.
//
//   node scripts/tokens/table.mjs           writes it
//   node scripts/tokens/table.mjs --check   counts again and fails where the table says otherwise
//   node scripts/tokens/table.mjs --fuzz    compares the estimate with the counts of random texts of every Unicode
//                                           block, and prints where it comes closest and goes farthest

import { readFileSync, writeFileSync } from "node:fs";
import { inRoot } from "../lib/paths.mjs";
import { main, Problem, say } from "../lib/say.mjs";
import { tokenizers } from "../setup/tokenizers.mjs";
import { allCounters, MODERN } from "./counters.mjs";
import { fuzz } from "./fuzz.mjs";
import { GENERATED } from "./generated.mjs";
import { ENGLISH, LANGUAGES } from "./languages.mjs";

const file = inRoot("tests/fixtures/tokens.jsonl");

await main(async () => {
  const counters = await allCounters(await tokenizers({ all: true }));
  if (process.argv.includes("--fuzz")) return fuzz(counters);
  const table = rows(counters)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join("");
  if (process.argv.includes("--check")) {
    if (readFileSync(file, "utf8") !== table)
      throw new Problem("tests/fixtures/tokens.jsonl is not what the tokenizers say: node scripts/tokens/table.mjs");
    say("The table is what the tokenizers say.");
  } else writeFileSync(file, table);
  return 0;
});

/** A row per line, so that a change shows which rows it touched. */
function rows(counters) {
  const kinds = [["english", ENGLISH], ["language", LANGUAGES], ...Object.entries(GENERATED), ...samples()];
  return kinds
    .flatMap(([kind, texts]) =>
      Object.entries(texts).map(([name, text]) => {
        const counts = Object.entries(counters).map(([tokenizer, count]) => [tokenizer, count(text)]);
        const highest = (names) => Math.max(...counts.filter(([name]) => names.includes(name)).map(([, n]) => n));
        return { name, kind, text, modern: highest(MODERN), all: highest(Object.keys(counters)), counts };
      }),
    )
    .map(({ counts, ...row }) => ({ ...row, counts: Object.fromEntries(counts) }));
}

/** The texts that are written down rather than made: code, markup, symbols. Each follows a line of kind and name. */
function samples() {
  const text = readFileSync(inRoot("scripts/tokens/samples.txt"), "utf8");
  return text
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const [title, ...lines] = section.trimEnd().split("\n");
      const [kind, name] = title.split(" ");
      return [kind, { [name]: lines.join("\n") }];
    });
}
