// Deploys, and where the deployment has no tokens, offers to make one: without them it is closed.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readEnvFile } from "../lib/env-file.mjs";
import { root } from "../lib/paths.mjs";
import { environmentFlag } from "../lib/wrangler.mjs";
import { valuesOf } from "../start/arguments.mjs";
import { offerToken } from "./tokens.mjs";

/**
 * Resolves to the exit code. `wrangler`: as `wranglerIn` makes it. `shown(line)`: a command of wrangler as the reader
 * types it. `folder`: in which wrangler runs. `terminal`: `{ input, output, isInteractive }`.
 */
export async function deploy(environment, args, { wrangler, shown, folder = root, terminal = ownTerminal() }) {
  for (const file of valuesOf("env-file", args)) readEnvFile(path.resolve(folder, file));
  const { code, isDeployed, url } = await deployed(["deploy", environmentFlag(environment), ...args], wrangler);
  // A dry run, a help text, a question that was answered with no.
  if (code !== 0 || !isDeployed) return code;
  return offerToken({ flags: [environmentFlag(environment), ...nameIn(args)], url, wrangler, shown, terminal });
}

/**
 * wrangler keeps our terminal, because its first deploy may ask something, so it tells in a file what it did: `{ code,
 * isDeployed, url }`, where the URL is null unless there is one.
 */
async function deployed(args, wrangler) {
  const file = path.join(tmpdir(), `orchestrator-deploy-${randomUUID()}`);
  try {
    const code = await wrangler.run(args, { WRANGLER_OUTPUT_FILE_PATH: file });
    return { code, ...deploymentIn(existsSync(file) ? readFileSync(file, "utf8") : "") };
  } finally {
    rmSync(file, { force: true });
  }
}

/** The deployment and its first address among lines of JSON, of which others speak of other things. */
function deploymentIn(text) {
  const entries = text.split("\n").filter((line) => line.startsWith("{"));
  // One that was not made has no version.
  const made = entries.map((line) => JSON.parse(line)).filter(({ type, version_id: id }) => type === "deploy" && id);
  const targets = made.flatMap((one) => one.targets ?? []);
  const url = targets.find((target) => /^https:\/\/[^/*]+\/?$/.test(target))?.replace(/\/$/, "") ?? null;
  return { isDeployed: made.length > 0, url };
}

/** A name of the Worker's own, which its other commands need too. */
function nameIn(args) {
  const at = args.findIndex((arg) => arg === "--name" || arg.startsWith("--name="));
  if (at < 0) return [];
  return args[at] === "--name" ? args.slice(at, at + 2) : [args[at]];
}

const ownTerminal = () => ({
  input: process.stdin,
  output: process.stderr,
  isInteractive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
});
