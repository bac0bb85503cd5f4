// A list of checks that are all run, so that one run shows everything there is to mend.

import { run } from "./exec.mjs";
import { say } from "./say.mjs";

/** Runs each command; resolves to 0 where all of them passed. */
export async function checkAll(env, commands) {
  const failed = [];
  for (const [program, ...args] of commands) {
    const line = [program, ...args].join(" ");
    say(`\n$ ${line}`);
    if ((await run(program, args, { env })) !== 0) failed.push(line);
  }
  say(failed.length === 0 ? "\nNothing to mend." : `\nFailed: ${failed.join("; ")}`);
  return failed.length === 0 ? 0 : 1;
}
