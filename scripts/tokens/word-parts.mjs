// Writes src/model/tokens/word_parts.txt: what the token estimate knows of English words. `node
// scripts/tokens/word-parts.mjs`, seldom needed: after a change of the tokenizers or of what follows.

import { writeFileSync } from "node:fs";
import { inRoot } from "../lib/paths.mjs";
import { main } from "../lib/say.mjs";
import { tokenizers } from "../setup/tokenizers.mjs";
import { allCounters, MODERN, vocabularyWords } from "./counters.mjs";

/** The fewer, the higher the estimate of English; the more, the lower that of everything else. */
const PARTS = 4400;
const LETTERS = 4;
/** Flattens the weight of the first words, which are a tokenizer's building blocks rather than the commonest words. */
const OFFSET = 100;

await main(async () => {
  const folder = await tokenizers({ all: true });
  const counters = await allCounters(folder);
  const isOneToken = (word) => MODERN.every((name) => counters[name](` ${word}`) === 1);
  const words = (await vocabularyWords(folder)).filter(isOneToken);
  const file = inRoot("src/model/tokens/word_parts.txt");
  writeFileSync(file, `${wrapped(commonest(words)).join("\n")}\n`);
  console.log(`${PARTS} parts of ${words.length} words`);
  return 0;
});

/** Runs of up to four letters, `^` for the beginning of a word, by the rank of the words that they are part of. */
function commonest(words) {
  const weights = new Map();
  words.forEach((word, rank) => {
    const letters = `^${word}`;
    for (let end = 3; end <= letters.length; end++) {
      const part = letters.slice(Math.max(0, end - LETTERS), end);
      weights.set(part, (weights.get(part) ?? 0) + 1 / (rank + OFFSET));
    }
  });
  const byWeight = [...weights].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return byWeight
    .slice(0, PARTS)
    .map(([part]) => part)
    .sort();
}

function wrapped(parts) {
  const lines = [""];
  for (const part of parts) {
    if (lines.at(-1).length + part.length > 118) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) === "" ? "" : " ") + part;
  }
  return lines;
}
