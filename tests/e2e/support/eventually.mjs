// Waiting for something to come true: tests poll with a bound, and never sleep for a fixed time.

import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/** Waits until `condition` gives something truthy, and gives that back. `what` names it in the failure. */
export async function eventually(what, condition, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  let last;
  for (;;) {
    last = await condition();
    if (last) return last;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(POLL_MS);
  }
}
