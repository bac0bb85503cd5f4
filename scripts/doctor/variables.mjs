// What the Worker says of the variables, on the host that they are for.

import { existsSync } from "node:fs";
import path from "node:path";
import { providersOf } from "../lib/models.mjs";
import { inRoot } from "../lib/paths.mjs";
import { problemOf } from "../serve/check.mjs";
import { MANIFEST } from "../serve/data.mjs";
import { asServed } from "../serve/variables.mjs";
import { mend, note, ok } from "./result.mjs";

/** Of wrangler, which reads them for `npm start`; so they are never those of `serve`. */
const OF_WRANGLER = /^\.dev\.vars(\.|$)/;

/** Whether the variables are those of `serve`: its data folder is there, or is named. Else they are for Cloudflare. */
export const areOfServe = ({ envFile = "", data, isDataNamed }) =>
  !OF_WRANGLER.test(path.basename(envFile)) && (isDataNamed || existsSync(path.join(data, MANIFEST)));

/** `{ results, told }`: `told` are the variables of which something was said. `install`: the command that builds it. */
export async function variablesAre(variables, { install, isForServe, bundle = inRoot("build/bundle") }) {
  const built = existsSync(path.join(bundle, "main.js"));
  if (!built)
    return { results: [note("variables", "not looked at, because the Worker is not built", install)], told: [] };
  try {
    const problem = await problemOf(asServed(variables), bundle, isForServe);
    if (problem === null) return { results: [ok("variables", takenBy(variables, isForServe))], told: [] };
    return { results: complaints(problem).map((words) => mend("variables", words, MEND)), told: problem.variables };
  } catch (error) {
    return { results: [note("variables", `not looked at: ${error.message}`)], told: [] };
  }
}

function takenBy(variables, isForServe) {
  if (isForServe) return "serve takes them";
  const alone = providersOf(variables).includes("workers-ai") ? "; workers-ai answers there alone" : "";
  return `the Worker takes them on Cloudflare${alone}`;
}

const MEND = "correct it in the shell, or in the file of --env-file";

/** One sentence for each variable, of which the detail has one after the other. */
const complaints = ({ detail, variables }) => detail.split(new RegExp(`; (?=(?:${variables.join("|")}): )`));
