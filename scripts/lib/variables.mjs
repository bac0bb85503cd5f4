// Which variables of the shell a start hands to the Worker, and how.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";
import { Problem } from "./say.mjs";

/**
 * Every variable that the Worker reads; a test compares it with src/api/config. wrangler itself hands none of the
 * shell's to the Worker.
 */
export const DOCUMENTED = [
  "AI_GATEWAY_ID",
  "ALLOWED_ORIGINS",
  "API_TOKENS",
  "ATTEMPT_TIMEOUT_SECONDS",
  "BIG_MODEL",
  "BIG_MODEL_CONTEXT_TOKENS",
  "DEMO_SPEED",
  "DISCONNECT_SECONDS",
  "FIRST_TOKEN_TIMEOUT_SECONDS",
  "HEARTBEAT_MS",
  "IDLE_TIMEOUT_SECONDS",
  "JOURNAL_BYTES_MAX",
  "MAX_CONCURRENT_CALLS",
  "MODEL_PROVIDER",
  "OLLAMA_BASE_URL",
  "OLLAMA_CONCURRENCY",
  "ON_DISCONNECT",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "PLAN_MAX_TOKENS",
  "RETENTION_DAYS",
  "SMALL_MODEL",
  "SMALL_MODEL_CONTEXT_TOKENS",
  "SUBTASK_MAX_TOKENS",
  "SYNTHESIS_MAX_TOKENS",
  "WORKFLOW_TOKEN_BUDGET",
];

/** The variables of servers, whose names are made up by whoever sets them. */
const OF_SERVERS = /^PROVIDER_.*_(BASE_URL|API_KEY|HEADERS)$/;

/** The names of variables that the Worker reads and the text of a dotenv file has. */
export function namesIn(text) {
  const names = [...text.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=/gm)].map(([, name]) => name);
  return [...new Set(names)].filter((name) => DOCUMENTED.includes(name) || OF_SERVERS.test(name));
}

/** The names of variables that the Worker reads and `env` sets, an empty one counting as unset. */
export const fromShell = (env = process.env) =>
  [...DOCUMENTED, ...Object.keys(env).filter((name) => OF_SERVERS.test(name))].filter((name) => env[name]);

/**
 * The `--env-file` flags that bring the shell's variables to the Worker, over those of .dev.vars. They go through a
 * file that only its owner can read, since flags such as --var show secrets to everybody in the process list; `remove`
 * deletes it. No flags where the shell sets nothing and .dev.vars lies in the project, where wrangler finds it by
 * itself. `folder`: that of .dev.vars.
 */
export function envFileFlags(environment, { env = process.env, folder = root } = {}) {
  const names = fromShell(env);
  if (names.length === 0 && (folder === root || devVars(environment, folder) === ""))
    return { flags: [], names, remove() {} };
  const file = path.join(folder, ".wrangler", `start-${process.pid}.env`);
  mkdirSync(path.dirname(file), { recursive: true });
  removeLeftovers(path.dirname(file));
  rmSync(file, { force: true });
  writeFileSync(file, `${devVars(environment, folder)}\n${names.map((name) => line(name, env[name])).join("\n")}\n`, {
    mode: 0o600,
  });
  chmodSync(file, 0o600);
  return { flags: ["--env-file", file], names, remove: () => rmSync(file, { force: true }) };
}

/** What stands in the file that wrangler would read, and that `--env-file` switches off: the more special one. */
export function devVars(environment, folder) {
  const file = [`.dev.vars.${environment}`, ".dev.vars"]
    .map((name) => path.join(folder, name))
    .find((candidate) => existsSync(candidate));
  // Unlike .dev.vars, wrangler expands `$NAME` in an --env-file.
  return file ? readFileSync(file, "utf8").replaceAll("$", "\\$") : "";
}

/** The value of a variable in the text of a dotenv file, the last one if there are several; empty where it is unset. */
export function valueIn(text, name) {
  const lines = text.matchAll(new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(.*)$`, "gm"));
  const value = [...lines].at(-1)?.[1] ?? "";
  const quoted = /^(["'`])(.*)\1/.exec(value);
  return quoted ? quoted[2] : value.replace(/(^|\s)#.*$/, "").trim();
}

/**
 * One line of a dotenv file. Its format knows no escape for a quote, so the value takes one that it does not contain.
 */
function line(name, value) {
  const quote = ["'", "`", '"'].find(
    (candidate) => !value.includes(candidate) && (candidate !== '"' || !value.includes("\\")),
  );
  if (!quote) throw new Problem(`${name} contains all three kinds of quotes: put it into .dev.vars`);
  return `${name}=${quote}${value.replaceAll("$", "\\$")}${quote}`;
}

/** Files of starts that were killed. */
function removeLeftovers(folder) {
  for (const name of readdirSync(folder)) {
    const pid = /^start-(\d+)\.env$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(path.join(folder, name), { force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
