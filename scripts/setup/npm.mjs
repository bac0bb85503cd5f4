// The npm packages, as package-lock.json pins them.

import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { atLeast, capture, quietly } from "../lib/exec.mjs";
import { inRoot, toolsCache } from "../lib/paths.mjs";
import { Problem, step } from "../lib/say.mjs";

/** The first npm that reads the lock file's version 3. */
const WANTED = "7.0.0";
const stamp = inRoot("node_modules/.installed");

/** `npm ci`, unless node_modules already holds what the lock file says. */
export async function npmPackages(nodeBin) {
  const lock = createHash("sha256")
    .update(readFileSync(inRoot("package-lock.json")))
    .digest("hex");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
    const { code, stdout } = await capture("npm", ["--version"]);
    if (code !== 0) throw new Problem("npm is missing: install Node with npm from https://nodejs.org");
    if (!atLeast(stdout.trim(), WANTED))
      throw new Problem(`npm ${stdout.trim()} is too old: install npm ${WANTED} or newer (npm install -g npm)`);
    // `npm ci` empties what the link leads to, which is another clone's.
    if (lstatSync(inRoot("node_modules"), { throwIfNoEntry: false })?.isSymbolicLink())
      throw new Problem(
        "node_modules is a link to another folder, whose packages are not those of package-lock.json: remove the link",
      );
    // No install scripts: esbuild and workerd find their binaries without them, and npm is about to refuse them.
    await step("npm ci", () => quietly("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
    writeFileSync(stamp, lock);
  }
  linkNode(nodeBin);
}

export const wasmOpt = inRoot("node_modules/binaryen/bin/wasm-opt");

/**
 * Where the machine's Node is too old, puts the newer one into node_modules/.bin, which npm and npx search first: so
 * plain `npx wrangler` works too.
 */
function linkNode(nodeBin) {
  const link = inRoot("node_modules/.bin/node");
  const target = nodeBin.startsWith(toolsCache) ? path.join(nodeBin, "node") : null;
  const present = lstatSync(link, { throwIfNoEntry: false }) ? readlinkSync(link) : null;
  if (present === target) return;
  rmSync(link, { force: true });
  if (target) symlinkSync(target, link);
}
