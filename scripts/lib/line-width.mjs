// The widest line that this project has, and those that are wider.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "./exec.mjs";
import { root } from "./paths.mjs";

export const COLUMNS_MAX = 120;
/** Made by a program: see scripts/openapi. */
const GENERATED = ["client/openapi.d.ts"];
const EXTENSIONS = [".rs", ".mjs", ".js", ".ts", ".tsx", ".css", ".toml"];

/** The lines of `text` that are too wide: `{ line, columns }`. A character is a column, whatever its bytes. */
export function wideLines(text) {
  return text
    .split("\n")
    .map((line, index) => ({ line: index + 1, columns: [...line].length }))
    .filter(({ columns }) => columns > COLUMNS_MAX);
}

/** Those of all files that git tracks in `folder`, as `file:line: what is wrong`. */
export async function wideLinesOfProject(folder = root) {
  const tracked = await quietly("git", ["ls-files", "-z"], { cwd: folder });
  const files = tracked
    .split("\0")
    .filter((file) => EXTENSIONS.includes(path.extname(file)) && !GENERATED.includes(file))
    // One that was just deleted is still tracked.
    .filter((file) => existsSync(path.join(folder, file)));
  return files.flatMap((file) =>
    wideLines(readFileSync(path.join(folder, file), "utf8")).map(
      ({ line, columns }) => `${file}:${line}: ${columns} columns, at most ${COLUMNS_MAX}`,
    ),
  );
}
