// Puts a new build's files in the place of the last one's while a server may be serving them.
//
// The folder and the names of its files stay, because workerd keeps the folder open and wrangler has listed its files:
// with [build] it lists them anew only when something under src/ changes. So a name that is new would not be found, and
// a folder that was removed would be served on. The page, which names all others, comes last.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { filesUnder } from "./fingerprint.mjs";

/** Moves all of `from` into `to`, which then has nothing else; `last` is the file that names the others. */
export function publish(from, to, last) {
  const names = filesOf(from);
  for (const name of [...names.filter((one) => one !== last), last]) place(path.join(from, name), path.join(to, name));
  for (const name of filesOf(to)) if (!names.includes(name)) rmSync(path.join(to, name), { force: true });
}

/** In one step, so that nobody reads half of a file; one that is the same already is left alone. */
function place(source, target) {
  if (existsSync(target) && readFileSync(target).equals(readFileSync(source))) return;
  mkdirSync(path.dirname(target), { recursive: true });
  renameSync(source, target);
}

/** Relative to the folder. */
const filesOf = (folder) => filesUnder(folder).map((file) => path.relative(folder, file));
