// The package's wrangler.toml, made of the project's: one source for environments, bindings and migrations.

import { Problem } from "../lib/say.mjs";

const MAIN = "build/bundle/main.js";
const CONSOLE = "build/console";

/** Without [build]: what it builds is there. */
export const packagedConfig = (toml) => replaced(toml, /^\[build\]\n(?:[^[\n].*\n|\n)*/m, "");

/** The same for a place other than the package's folder: a folder of the reader's, in which wrangler may write. */
export function configFor(toml, folder) {
  const main = replaced(toml, `main = "${MAIN}"`, `main = ${JSON.stringify(`${folder}/${MAIN}`)}`);
  return replaced(main, `directory = "${CONSOLE}"`, `directory = ${JSON.stringify(`${folder}/${CONSOLE}`)}`);
}

function replaced(text, what, by) {
  // A function, since a replacement text has signs of its own for `$`.
  const result = text.replace(what, () => by);
  if (result === text) throw new Problem(`wrangler.toml has no ${what}`);
  return result;
}
