// The prompts of this checkout: their version, and a hash of the files that hold their words.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../lib/paths.mjs";
import { sha256 } from "./requests.mjs";

/**
 * `{ version, sha256 }`. The words of the prompts stand in `src/engine/ask/prompts.rs` and the folder of that name;
 * tests are none of them. It is what this checkout holds, which a deployment may be older or newer than.
 */
export function promptsOfCheckout() {
  const main = "src/engine/ask/prompts.rs";
  const folder = "src/engine/ask/prompts";
  const names = readdirSync(inRoot(folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "tests.rs")
    .map(({ name }) => path.posix.join(folder, name));
  const texts = [main, ...names.sort()].map((name) => {
    const text = readFileSync(inRoot(name), "utf8");
    return `${name}\n${text.length}\n${text}`;
  });
  const version = /pub const PROMPTS: u32 = (\d+);/.exec(readFileSync(inRoot(main), "utf8"))?.[1];
  return { version: Number(version), sha256: sha256(texts.join("")) };
}
