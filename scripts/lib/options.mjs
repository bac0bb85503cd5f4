// A command line, as parseArgs reads it.

import { parseArgs } from "node:util";

/**
 * What parseArgs returns. An error of one sentence where an option is unknown, or anything is empty, as where a
 * variable of the shell is not set: an empty path would be the present folder.
 *
 * @template {import("node:util").ParseArgsConfig} T
 * @param {T} config
 */
export function parse(config) {
  const read = parsed(config);
  const empty = Object.entries(read.values).find(([, value]) => value === "");
  if (empty) throw new Error(`--${empty[0]} is empty: give it a value, or leave it out`);
  if (/** @type {string[]} */ (read.positionals).includes("")) throw new Error("an argument is empty");
  return read;
}

/**
 * @template {import("node:util").ParseArgsConfig} T
 * @param {T} config
 */
function parsed(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new Error(error.message.split(". ")[0]);
  }
}
