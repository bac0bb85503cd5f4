// A workerd whose supervisor was killed with -9 lives on, without anybody who would start it again or end it.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processesWith } from "../lib/processes.mjs";
import { BusyProblem } from "./exit.mjs";
import { log } from "./logs.mjs";

const GRACE_MS = 5_000;

/** Ends those that were started with a configuration in `run`. Only the holder of the folder's lock may ask for it. */
export async function endOrphans(run) {
  const found = await orphansOf(run);
  for (const { pid } of found) {
    log("warn", "orphan_ended", { pid });
    kill(pid, "SIGTERM");
  }
  for (let [signal, deadline] = ["SIGKILL", Date.now() + GRACE_MS]; ; await sleep(50)) {
    const left = await orphansOf(run);
    if (left.length === 0) return;
    if (Date.now() < deadline) continue;
    if (signal === "") throw new BusyProblem(`process ${left[0].pid} still serves ${path.dirname(run)}: end it`);
    for (const { pid } of left) kill(pid, signal);
    [signal, deadline] = ["", Date.now() + GRACE_MS];
  }
}

/** Whether one of them is there. */
export const hasOrphans = async (run) => (await orphansOf(run)).length > 0;

async function orphansOf(run) {
  if (!existsSync(run)) return [];
  const names = readdirSync(run).filter((name) => name.endsWith(".capnp"));
  const found = await Promise.all(names.map((name) => processesWith(path.join(run, name))));
  return found.flat().filter(({ args }) => /workerd serve /.test(args));
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended just now, or is not ours.
  }
}
