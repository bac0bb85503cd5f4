// A workerd whose supervisor was killed with -9 lives on, without anybody who would start it again or end it.

import { setTimeout as sleep } from "node:timers/promises";
import { processesWith } from "../lib/processes.mjs";
import { log } from "./logs.mjs";

const GRACE_MS = 5_000;

/** Ends those that were started with this configuration. Only the holder of the folder's lock may ask for it. */
export async function endOrphans(config) {
  const orphans = await processesWith(config);
  for (const { pid } of orphans) {
    log("warn", "orphan_ended", { pid });
    kill(pid, "SIGTERM");
  }
  for (const deadline = Date.now() + GRACE_MS; ; await sleep(50)) {
    const left = await processesWith(config);
    if (left.length === 0) return;
    if (Date.now() > deadline) for (const { pid } of left) kill(pid, "SIGKILL");
  }
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended just now.
  }
}
