// The processes below one that we started: never any other.

import { setTimeout as sleep } from "node:timers/promises";
import { capture } from "./exec.mjs";

const GRACE_MS = 5_000;

/** The process `pid` and all that it started, directly or not: `{ pid, args }`. */
export async function family(pid) {
  const all = await processes();
  const found = all.filter((one) => one.pid === pid);
  for (const one of found) found.push(...all.filter((other) => other.parent === one.pid));
  return found;
}

/** Resolves when all of these have ended; those that are still there after the time of grace are killed. */
export async function ended(members) {
  for (const deadline = Date.now() + GRACE_MS; ; await sleep(50)) {
    const left = await remaining(members);
    if (left.length === 0) return;
    if (Date.now() < deadline) continue;
    for (const { pid } of left) kill(pid);
    return;
  }
}

/** By id and command line, since a child that lost its parent belongs to another one, and ids come round. */
async function remaining(members) {
  const all = await processes();
  return members.filter(({ pid, args }) => all.some((other) => other.pid === pid && other.args === args));
}

async function processes() {
  const { stdout } = await capture("ps", ["-A", "-o", "pid=,ppid=,args="]);
  return [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, args]) => ({
    pid: Number(pid),
    parent: Number(parent),
    args,
  }));
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended just now.
  }
}
