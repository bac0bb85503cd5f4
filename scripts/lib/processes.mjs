// The processes below us and below others that we started: never any other.

import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { capture } from "./exec.mjs";

const GRACE_MS = 5_000;
const PS_ATTEMPTS = 5;

/** The exit status that a shell shows: 128 + n for a signal. */
export const exitStatus = (code, signal) => code ?? 128 + (os.constants.signals[signal] ?? 0);

/** The process `pid` and all that it started, directly or not: `{ pid, parent, group, args }`. */
export async function family(pid) {
  const all = await processes();
  return withChildren(
    all,
    all.filter((one) => one.pid === pid),
  );
}

/** The process `pid`, its parent, and so on: empty where it is not there. */
export async function ancestry(pid) {
  const all = await processes();
  const found = [];
  for (let one = byPid(all, pid); one && !found.includes(one); one = byPid(all, one.parent)) found.push(one);
  return found;
}

/** The processes, other than ours, that have `argument` in their command line. */
export const processesWith = async (argument) =>
  (await processes()).filter(({ pid, args }) => pid !== process.pid && `${args} `.includes(` ${argument} `));

/**
 * Ends all processes that we started, and those of the process groups `groups`, which we started too: they may have
 * lost their parent. Asks our own children, since wrangler ends its own best, and kills what is left after a time of
 * grace.
 */
export async function endAll(groups = []) {
  const all = await processes();
  const children = all.filter(({ parent, group }) => parent === process.pid || groups.includes(group));
  const members = withChildren(all, children);
  for (const { pid, parent } of children) {
    const isTop = parent === process.pid || !children.some((other) => other.pid === parent);
    if (isTop) kill(pid, "SIGTERM");
  }
  await ended(members);
}

/** Resolves when all of these have ended; those that are still there after the time of grace are killed. */
async function ended(members) {
  for (const deadline = Date.now() + GRACE_MS; ; await sleep(50)) {
    const left = await remaining(members);
    if (left.length === 0) return;
    if (Date.now() < deadline) continue;
    for (const { pid } of left) kill(pid, "SIGKILL");
    return;
  }
}

/** By id and command line, since a child that lost its parent belongs to another one, and ids come round. */
async function remaining(members) {
  const all = await processes();
  return members.filter(({ pid, args }) => all.some((other) => other.pid === pid && other.args === args));
}

/** All of them, or none where there is no `ps`. */
async function processes() {
  let all = [];
  for (let attempt = 0; attempt < PS_ATTEMPTS && !byPid(all, process.pid); attempt++) {
    // Detached, because a second signal to our group would end it: without its list nobody would be ended. In the
    // moment before it is detached one still can. A list without ourselves is not whole.
    const { stdout } = await capture("ps", ["-A", "-ww", "-o", "pid=,ppid=,pgid=,args="], { detached: true });
    all = [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, group, args]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      args,
    }));
  }
  return all;
}

const byPid = (all, pid) => all.find((one) => one.pid === pid);

function withChildren(all, found) {
  const members = [...found];
  for (const one of members)
    members.push(...all.filter((other) => other.parent === one.pid && !members.includes(other)));
  return members;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended just now.
  }
}
