// What decides answers and verdicts beside the requests: the eval's own programs, with the words that they send, and
// the programs that check answers.

import { Failure } from "../ask/options.mjs";
import { fingerprintOf } from "../build/fingerprint.mjs";
import { modulesOf } from "../lib/modules.mjs";

/** By what they decide. A test holds that every file of this folder is here or in `DECIDING_NOTHING`. */
export const DECIDING = {
  "the arms": ["arms.mjs", "deployment.mjs", "run.mjs", "same-tokens.mjs"],
  "the judge's words, controls or calls": ["controls.mjs", "judge.mjs", "verdict.mjs"],
  "the tools of the checks": [
    "check-thread.mjs",
    "check.mjs",
    "markdown.mjs",
    "sandbox-preload.cjs",
    "sandbox.mjs",
    "tools.mjs",
  ],
};

/** What reads the command line and the requests, keeps the results, counts them and shows them. */
export const DECIDING_NOTHING = [
  "configuration.mjs",
  "families.mjs",
  "index.mjs",
  "ledger.mjs",
  "lines.mjs",
  "options.mjs",
  "outcomes.mjs",
  "programs.mjs",
  "prompts.mjs",
  "report.mjs",
  "requests.mjs",
  "results.mjs",
  "statistics.mjs",
  "table.mjs",
  "units.mjs",
];

/** The hash of each group of `DECIDING`. */
export function programsOfEval() {
  return Object.fromEntries(
    Object.entries(DECIDING).map(([what, names]) => [
      what,
      fingerprintOf(
        what,
        names.map((name) => `scripts/eval/${name}`),
      ),
    ]),
  );
}

/** The hash of a request's check and of all that it imports, but for packages; null where it has none. */
export async function programOf({ check, checkFile }) {
  if (checkFile === null) return null;
  try {
    return fingerprintOf(check, (await modulesOf(checkFile)).sort());
  } catch (error) {
    throw new Failure(2, `The check ${check} can't be read: ${error.message}`);
  }
}
