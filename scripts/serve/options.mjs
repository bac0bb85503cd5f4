// The command line of `serve`.

import { parseArgs } from "node:util";
import { commands } from "../lib/command.mjs";
import { ConfigurationProblem } from "./exit.mjs";

export const DEFAULTS = { data: "orchestrator-data", host: "127.0.0.1", port: "8787", grace: "25" };
const OPTIONS = /** @type {const} */ ({
  data: { type: "string" },
  host: { type: "string" },
  port: { type: "string" },
  "env-file": { type: "string" },
  grace: { type: "string" },
  help: { type: "boolean", short: "h" },
});
/** What a supervisor above us may wait for. */
const GRACE_SECONDS_MAX = 600;

/** `{ data, host, port, envFile, graceMs }`, or null where only the help is wanted. */
export function readOptions(args) {
  const given = parsed(args);
  if (given.help) return null;
  const { data, host, port, grace, "env-file": envFile } = { ...DEFAULTS, ...given };
  return {
    data,
    host,
    port: whole("port", port, 0, 65_535),
    envFile,
    graceMs: whole("grace", grace, 0, GRACE_SECONDS_MAX) * 1_000,
  };
}

function parsed(args) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigurationProblem(`${error.message.split(". ")[0]}. The options: ${commands().serveWith} --help`);
  }
}

function whole(name, text, least, most) {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new ConfigurationProblem(`--${name} ${text}: expected a whole number from ${least} to ${most}`);
}

export function help() {
  return `Usage: ${commands().serve} [options]

Serves the production environment on this machine, without an account, and keeps workflows on its disk.

  --data DIR         where workflows and the token are kept; ${DEFAULTS.data} in this folder unless given
  --host ADDRESS     the address to listen on; ${DEFAULTS.host} unless given. Another one needs API_TOKENS
  --port NUMBER      the port; ${DEFAULTS.port} unless given, 0 for a free one
  --env-file FILE    variables of the Worker, one NAME=VALUE per line; those of the shell come first
  --grace SECONDS    how long requests may take to end after SIGTERM; ${DEFAULTS.grace} unless given
  --help

Variables such as MODEL_PROVIDER and OPENAI_API_KEY come from the shell or the file. Logs are JSON lines on the standard
output. SIGTERM ends it gracefully. Exit status: 0 asked to end, 1 failed, 75 the folder or the port is in use, 78 a
wrong option or variable.
`;
}
