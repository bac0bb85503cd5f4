// A check runs in a thread of its own (check-thread.mjs): a model's answer may lead its patterns astray, and whatever
// it does, it is ended in time, and the eval goes on.

import { inspect } from "node:util";
import { Worker } from "node:worker_threads";

/** A check may run several programs of an answer, each with a bound of its own. */
export const CHECK_MS = 300_000;

/** `{ checks }` of the check in `file` on an answer, or `{ problem }` where the check itself failed. */
export async function runCheck(file, answer, ms = CHECK_MS) {
  const thread = new Worker(new URL("check-thread.mjs", import.meta.url), { workerData: { file, answer } });
  let timer;
  try {
    return await new Promise((resolve) => {
      timer = setTimeout(() => resolve({ problem: `it was not done after ${ms / 1_000} s` }), ms);
      thread.once("message", resolve);
      thread.once("error", (thrown) => resolve({ problem: wordsOf(thrown) }));
      thread.once("exit", () => resolve({ problem: "it ended without a result" }));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

/** What was thrown, which may be anything. */
export const wordsOf = (thrown) => (thrown instanceof Error ? thrown.message : `it threw ${inspect(thrown)}`);
