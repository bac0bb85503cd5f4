// What the Worker says of its variables, because it alone knows what it takes: `serve` asks the one that it serves, and
// `doctor` one that is started for nothing else.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inRoot } from "../lib/paths.mjs";
import { configuration, modulesIn } from "./config.mjs";
import { passOnPorts } from "./supervisor.mjs";
import { workerd } from "./workerd.mjs";

/** How long one that listens may take to answer. */
const HEALTH_MS_MAX = 10_000;
const START_MS_MAX = 20_000;

/** What `serve` decides for the Worker. */
export const settings = () => ({
  ENVIRONMENT: "production",
  HOSTING: process.env.ORCHESTRATOR_HOST === "container" ? "container" : "serve",
});

/** The same of what `npm start` and wrangler decide. */
const ELSEWHERE = { ENVIRONMENT: "development", HOSTING: "cloudflare" };

/** What the Worker at this address finds wrong: `{ detail, variables }`. Null where nothing is, or it does not say. */
export async function problemAt(url) {
  const asked = fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_MS_MAX) });
  const response = await asked.catch(() => null);
  if (response === null || response.ok) return null;
  const problem = /** @type {any} */ (await response.json().catch(() => null));
  if (!problem?.type?.endsWith(":invalid-configuration")) return null;
  return { detail: String(problem.detail), variables: Array.from(problem.variables ?? [], String) };
}

/**
 * The same for variables that nobody serves yet: those of `serve`, or else of Cloudflare. An error where workerd does
 * not start.
 */
export async function problemOf(variables, bundle, isForServe = true) {
  const folder = mkdtempSync(path.join(tmpdir(), "ow-check-"));
  const heir = heirOf(folder);
  try {
    return await problemIn(written(folder, bundle, variables, isForServe), variables, heir);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    heir.kill("SIGKILL");
  }
}

async function problemIn(file, variables, heir) {
  const child = spawn(workerd(), ["serve", "--experimental", file, "config", "--socket-addr=http=127.0.0.1:0", FD], {
    env: variables,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close").catch(() => {});
  try {
    heir.stdin.write(`${child.pid}\n`);
    return await problemAt(`http://127.0.0.1:${await portOf(child)}`);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

const FD = "--control-fd=3";

/** Waits for our end, however we come to it; then ends the process whose id it was told, and deletes the folder. */
const HEIR = 'while read -r line; do pid=$line; done; [ -z "$pid" ] || kill -9 "$pid"; rm -rf -- "$1"';

/** The end of a pipe is all that tells also of a SIGKILL. In a session of its own no Ctrl+C reaches it. */
function heirOf(folder) {
  const env = { PATH: process.env.PATH };
  const heir = spawn("sh", ["-c", HEIR, "sh", folder], { env, detached: true, stdio: ["pipe", "ignore", "ignore"] });
  // Without one the check goes on.
  heir.on("error", () => {});
  heir.stdin.on("error", () => {});
  return heir;
}

/** The configuration of a Worker that keeps its objects, of which it makes none, in the folder. */
function written(folder, bundle, variables, isForServe) {
  const modules = modulesIn(bundle);
  for (const name of modules) copyFileSync(path.join(bundle, name), path.join(folder, name));
  const objects = path.join(folder, "objects");
  mkdirSync(objects);
  const text = configuration({
    modules,
    variables: Object.keys(variables),
    settings: isForServe ? settings() : ELSEWHERE,
    hasAi: !isForServe,
    console: inRoot("build/console"),
    objects,
    control: path.join(folder, "control"),
  });
  const file = path.join(folder, "config.capnp");
  writeFileSync(file, text);
  return file;
}

function portOf(child) {
  let words = "";
  child.stderr.on("data", (chunk) => (words += chunk));
  const told = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => reject(new Error(`workerd does not start: ${words.trim().split("\n").at(-1)}`)));
    passOnPorts(child.stdio[3], ({ port }) => resolve(port));
  });
  const late = sleep(START_MS_MAX, null, { ref: false }).then(() =>
    Promise.reject(new Error("workerd does not answer")),
  );
  return Promise.race([told, late]);
}
