// Ending when we are asked to end, with every process that we started.
//
// Ctrl+C may reach our children too, as members of the terminal's foreground group, but a signal sent only to us, or
// npm's own end, does not.

import { setTimeout as sleep } from "node:timers/promises";
import { endAll, exitStatus } from "../lib/processes.mjs";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
const PARENT_EVERY_MS = 500;
const LAST_WORDS_MS_MAX = 2_000;

/**
 * Runs `work(ending)` and resolves to its result. A signal ends all processes that we started and then us, by the same
 * signal, so that whoever started us sees why. What becomes of the work then is of no interest; `ending.aborted` tells
 * it.
 */
export async function untilAskedToEnd(work) {
  const ending = new AbortController();
  const asked = askedToEnd();
  asked.then(() => ending.abort());
  const done = work(ending.signal);
  const outcome = await Promise.race([asked.then((signal) => ({ signal })), done.then((status) => ({ status }))]).catch(
    (error) => {
      if (!ending.signal.aborted) throw error;
      return asked.then((signal) => ({ signal }));
    },
  );
  if ("status" in outcome) return outcome.status;
  await endAll();
  // It may have a file with secrets to delete.
  await Promise.race([done.catch(() => {}), sleep(LAST_WORDS_MS_MAX, null, { ref: false })]);
  return dieBy(outcome.signal);
}

/** Resolves to the signal. The end of npm, our parent, counts as one, because it takes no child along. */
function askedToEnd() {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(signal));
    const parent = process.ppid;
    const look = () => process.ppid !== parent && resolve("SIGHUP");
    if (process.env.npm_lifecycle_event) setInterval(look, PARENT_EVERY_MS).unref();
  });
}

function dieBy(signal) {
  for (const one of SIGNALS) process.removeAllListeners(one);
  process.kill(process.pid, signal);
  // The first process of a container is spared by the kernel.
  process.exit(exitStatus(null, signal));
}
