// What the Worker says of the variables, as `serve` would hand them over.

import { existsSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../lib/paths.mjs";
import { problemOf } from "../serve/check.mjs";
import { asServed } from "../serve/variables.mjs";
import { mend, note, ok } from "./result.mjs";

/** `{ results, told }`: `told` are the variables of which something was said. `install`: the command that builds it. */
export async function variablesAre(variables, install, bundle = inRoot("build/bundle")) {
  const built = existsSync(path.join(bundle, "main.js"));
  if (!built)
    return { results: [note("variables", "not looked at, because the Worker is not built", install)], told: [] };
  try {
    const problem = await problemOf(asServed(variables), bundle);
    if (problem === null) return { results: [ok("variables", "serve takes them")], told: [] };
    return { results: complaints(problem).map((words) => mend("variables", words, MEND)), told: problem.variables };
  } catch (error) {
    return { results: [note("variables", `not looked at: ${error.message}`)], told: [] };
  }
}

const MEND = "correct it in the shell, or in the file of --env-file";

/** One sentence for each variable, of which the detail has one after the other. */
const complaints = ({ detail, variables }) => detail.split(new RegExp(`; (?=(?:${variables.join("|")}): )`));
