// The variables of the Worker under `serve`: those of the shell, then those of --env-file.

import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { fromShell } from "../lib/variables.mjs";
import { ConfigurationProblem } from "./exit.mjs";

/** Those that are set, by name. An empty one counts as unset. */
export function variablesFor(envFile, shell = process.env) {
  const file = envFile === undefined ? {} : read(envFile);
  const entries = [file, shell].flatMap((from) => fromShell(from).map((name) => [name, from[name]]));
  return Object.fromEntries(entries);
}

function read(file) {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigurationProblem(`--env-file ${file} can't be read: ${error.message}`);
  }
}
