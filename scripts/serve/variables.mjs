// The variables of the Worker under `serve`: those of the shell, then those of --env-file.

import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { DOCUMENTED } from "../lib/variables.mjs";
import { ConfigurationProblem } from "./exit.mjs";

/** Those that are set, by name. An empty one counts as unset. */
export function variablesFor(envFile, shell = process.env) {
  const file = envFile === undefined ? {} : read(envFile);
  const names = [...DOCUMENTED].filter((name) => shell[name] || file[name]);
  return Object.fromEntries(names.map((name) => [name, shell[name] || file[name]]));
}

function read(file) {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigurationProblem(`--env-file ${file} can't be read: ${error.message}`);
  }
}
