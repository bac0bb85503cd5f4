// Random texts against the estimate. The table holds real ones; these show what the estimate does where nobody looked.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { random } from "./random.mjs";

const SEED = 4_711;
const SHOWN = 12;
/** Letters in an order that no text has cost more than texts do. Below these floors it is the estimate's fault. */
const FLOORS = { other: 0.8, han_and_hangul: 0.6 };
/** The size of a slice of the code space: most blocks are larger, and a smaller one shares its text with neighbours. */
const SLICE = 128;
const PLANES = [
  [0x20, 0xd800],
  [0xe000, 0x10000],
  [0x10000, 0x17000],
  [0x1b000, 0x1b200],
  [0x1d000, 0x1d800],
  [0x1e000, 0x1fc00],
  [0x20000, 0x20400],
  [0xe0000, 0xe0200],
];

/** Prints the lowest and the highest ratios of estimate to highest count. */
export async function fuzz(counters) {
  const texts = samples();
  const estimates = await estimated(texts.map(({ text }) => text));
  const rows = texts.map(({ name, text }, index) => {
    const counts = Object.entries(counters).map(([tokenizer, count]) => [tokenizer, count(text)]);
    const [tokenizer, most] = counts.reduce((one, other) => (other[1] > one[1] ? other : one));
    return { name, text, tokenizer, most, estimate: estimates[index], ratio: estimates[index] / most };
  });
  rows.sort((one, other) => one.ratio - other.ratio);
  return Object.entries(FLOORS)
    .map(([group, floor]) => shown(group, floor, rows))
    .some((fine) => !fine)
    ? 1
    : 0;
}

/** Prints the ends of a group, and says whether it keeps its floor. */
function shown(group, floor, all) {
  const rows = all.filter((row) => (group === "han_and_hangul") === /[\u4e00-\u9fff\uac00-\ud7a3]/.test(row.text));
  const below = rows.filter(({ ratio }) => ratio < 1);
  console.log(`${group}: ${rows.length} texts, ${below.length} estimated below the highest count; the lowest`);
  for (const row of rows.slice(0, SHOWN)) print(row);
  console.log("the highest");
  for (const row of rows.slice(-SHOWN)) print(row);
  return rows[0].ratio >= floor;
}

function print({ name, tokenizer, most, estimate, ratio }) {
  console.log(`  ${ratio.toFixed(2)}  ${name}: ${estimate} estimated, ${most} with ${tokenizer}`);
}

/** Per slice of the code space a text of its characters alone, and one with words and spaces among them. */
function samples() {
  const next = random(SEED);
  const below = (n) => Math.floor(next() * n);
  const words = "the value of this field is not known to a reader who has never seen it".split(" ");
  return PLANES.flatMap(([from, to]) =>
    Array.from({ length: Math.ceil((to - from) / SLICE) }, (_, slice) => from + slice * SLICE).flatMap((start) => {
      const assigned = Array.from({ length: SLICE }, (_, offset) => String.fromCodePoint(start + offset)).filter(
        (one) => /[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\p{Cf}]/u.test(one),
      );
      if (assigned.length === 0) return [];
      const pick = () => assigned[below(assigned.length)];
      const name = `U+${start.toString(16).toUpperCase().padStart(4, "0")}`;
      const alone = Array.from({ length: 120 }, pick).join("");
      const mixed = Array.from({ length: 40 }, () =>
        next() < 0.3 ? words[below(words.length)] : Array.from({ length: 1 + below(7) }, pick).join(""),
      ).join(" ");
      return [
        { name, text: alone },
        { name: `${name} with words`, text: mixed },
      ];
    }),
  );
}

/** The estimates of the Rust code, from a test that is otherwise left out. */
async function estimated(texts) {
  const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-tokens-"));
  try {
    const [input, output] = ["texts.json", "estimates.json"].map((name) => path.join(folder, name));
    writeFileSync(input, JSON.stringify(texts));
    const test = "model::tokens::table::estimates_for_the_fuzz";
    const env = { ...process.env, TOKENS_TEXTS: input, TOKENS_ESTIMATES: output };
    await quietly("cargo", ["test", "--lib", "--", "--ignored", "--exact", test], { env });
    return JSON.parse(readFileSync(output, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
