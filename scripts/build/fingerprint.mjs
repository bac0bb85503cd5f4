// Whether anything that decides an output has changed since it was built.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { inRoot, root } from "../lib/paths.mjs";

/** A hash of a word and of all files under the paths (relative to the project). */
export function fingerprintOf(word, inputs) {
  const hash = createHash("sha256").update(word);
  for (const file of inputs.flatMap((name) => filesUnder(inRoot(name))))
    hash.update(path.relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** All files of a folder and of those in it, or the file itself. */
export function filesUnder(file) {
  if (!statSync(file).isDirectory()) return [file];
  return readdirSync(file)
    .sort()
    .flatMap((name) => filesUnder(path.join(file, name)));
}
