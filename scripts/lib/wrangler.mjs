// The wrangler of this project, run by the Node of the set-up.

import { createRequire } from "node:module";
import path from "node:path";
import { capture, run } from "./exec.mjs";

/**
 * Its script. In the package it may lie beside us rather than below, so it is looked up; and only once it is installed.
 */
export const wrangler = () =>
  path.join(path.dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");

/** What only reads or puts a value takes some seconds; without a network it might take for ever. */
const ANSWER_MS_MAX = 60_000;

/** False in a clone that was never set up. */
export function isInstalled() {
  try {
    wrangler();
    return true;
  } catch {
    return false;
  }
}

export const runWrangler = (args, options) => run("node", ["--", wrangler(), ...args], options);

/**
 * Its commands in this environment and folder: `run` has our terminal and resolves to the exit code, `read` keeps what
 * is printed. `complete(args)` adds what each command needs.
 */
export const wranglerIn = ({ env, cwd = undefined, complete = (args) => args }) => ({
  run: (args, variables = {}) => runWrangler(complete(args), { env: { ...env, ...variables }, cwd }),
  read: (args, input = "") =>
    capture("node", ["--", wrangler(), ...complete(args)], { env, cwd, input, timeout: ANSWER_MS_MAX }),
});

export const ENVIRONMENTS = ["production", "staging", "development"];

/** The top level is production, which wrangler calls the empty environment. */
export const environmentFlag = (environment) => `--env=${environment === "production" ? "" : environment}`;
