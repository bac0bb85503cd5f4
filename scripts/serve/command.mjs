// The commands of `serve` and of what it keeps, for a clone (scripts/serve.mjs) and for the package.
//
// They need the SQLite that a newer Node brings. Where the machine's own is older, they run again under the Node that
// the set-up brings.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { atLeast } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { exitStatus } from "../lib/processes.mjs";
import { fromReader } from "../lib/reader.mjs";
import { report } from "../lib/say.mjs";
import { quietAboutSqlite } from "../lib/warnings.mjs";
import { nodeFolder } from "../setup/node.mjs";
import { worded } from "./exit.mjs";
import { DEFAULTS } from "./options.mjs";

/** The first with `backup` in node:sqlite. */
const NODE_MIN = "22.16.0";
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]);

export const COMMANDS = ["serve", "backup", "restore", "export", "import"];

/**
 * Runs the command and resolves to its exit status. `prepare()` makes sure that the Worker and the console are built,
 * and resolves to the folder of the bundle.
 */
export async function runCommand(name, args, prepare) {
  if (!atLeast(process.versions.node, NODE_MIN)) return again();
  quietAboutSqlite();
  // Also of what nobody waits for.
  process.on("uncaughtException", (error) => process.exit(report(worded(error, process.cwd()))));
  try {
    if (name === "serve") return await (await import("./index.mjs")).serve(args, prepare);
    const { version } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
    return await (await import("./keeping.mjs")).keep(name, args, version);
  } catch (error) {
    throw worded(error, dataOf(args));
  }
}

/** What the options say, however wrong they may be. */
function dataOf(args) {
  const given = args.findIndex((arg) => /^--data(=|$)/.test(arg));
  const named = given < 0 ? undefined : (args[given].split("=")[1] ?? args[given + 1]);
  return fromReader(named ?? DEFAULTS.data);
}

/** The same under a Node that is new enough. */
async function again() {
  const folder = await nodeFolder(NODE_MIN);
  const env = { ...process.env, PATH: [folder, process.env.PATH].join(path.delimiter) };
  const child = spawn(path.join(folder, "node"), ["--", ...process.argv.slice(1)], { env, stdio: "inherit" });
  // Ctrl+C reaches it too; a signal to us alone does not.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) =>
    child.on("error", reject).on("exit", (code, signal) => resolve(exitStatus(code, signal))),
  );
}
