// Serves the `development` environment and ends with all that it started: what `npm start` and the package have in
// common.

import { spawn } from "node:child_process";
import path from "node:path";
import { commands, quoted } from "../lib/command.mjs";
import { readEnvFile } from "../lib/env-file.mjs";
import { isDemo } from "../lib/models.mjs";
import { isMeasured, measure, ollamaHint, speedWords } from "../lib/ollama.mjs";
import { endAll, exitStatus } from "../lib/processes.mjs";
import { Problem, say, seconds } from "../lib/say.mjs";
import { envFileFlags } from "../lib/variables.mjs";
import { wrangler } from "../lib/wrangler.mjs";
import { readArguments, valuesOf } from "./arguments.mjs";
import { untilAskedToEnd } from "./ending.mjs";
import { assertClosed } from "./exposure.mjs";
import { assertFree, freePort, holderOf, takenBy } from "./port.mjs";
import { ready } from "./ready.mjs";
import { stateFolder, takeState } from "./state.mjs";
import { variablesOf } from "./variables.mjs";

const ENVIRONMENT = "development";
const started = Date.now();

/**
 * `args` go to wrangler. `prepare()` gets ready what is served, and resolves to the environment to run wrangler in, and
 * further flags. `folder` is the one to run it in, where .dev.vars is. Resolves to the exit status, wrangler's own
 * where it ends by itself.
 */
export function start(args, folder, prepare) {
  return untilAskedToEnd(async (ending) => {
    const { ip, https, rest, ...asked } = readArguments(args);
    // wrangler runs a Node of its own, which would end at it without a word of ours.
    for (const file of valuesOf("env-file", args)) readEnvFile(path.resolve(folder, file));
    assertClosed(args, ENVIRONMENT, folder);
    const port = asked.port === 0 ? await freePort() : asked.port;
    await assertFree(port, ip);
    const state = await takeState(stateFolder(args, folder), port);
    try {
      const { env, flags } = await prepare();
      if (ending.aborted) return 1;
      return await serve({ port, ip, https, folder, env, flags: [...flags, ...rest], asked: args }, ending);
    } finally {
      state.release();
    }
  });
}

async function serve({ port, ip, https, folder, env, flags: given, asked }, ending) {
  const variables = envFileFlags(ENVIRONMENT, { folder });
  if (variables.names.length > 0) say(`         from the shell: ${variables.names.join(", ")}`);
  const flags = ["--env", ENVIRONMENT, "--port", String(port), "--show-interactive-dev-session=false"];
  // In a process group of its own, by which its processes are found even after wrangler itself was killed.
  const child = spawn("node", ["--", wrangler(), "dev", ...flags, ...variables.flags, ...given], {
    cwd: folder,
    env,
    detached: true,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exit = new Promise((resolve, reject) =>
    child.on("error", reject).on("exit", (code, signal) => resolve(exitStatus(code, signal))),
  );
  const polling = new AbortController();
  exit.finally(() => polling.abort()).catch(() => {});
  let isReady = false;
  try {
    isReady = await Promise.race([
      exit.then(() => false),
      ready({ port, ip, https, group: child.pid }, polling.signal),
    ]);
    if (isReady) {
      const { given: set, all } = variablesOf(given, ENVIRONMENT, folder);
      greet(port, https, isDemo(all) ? await ollamaHint(again(asked), set) : null);
      void tellSpeed(all, polling.signal);
    }
    await exit;
  } finally {
    polling.abort();
    await endAll([child.pid]);
    variables.remove();
  }
  const status = await exit;
  return ending.aborted ? status : explained(status, port, isReady, given);
}

/** The command of a start with these arguments, unless one of them may be a secret. */
function again(args) {
  if (args.length === 0 || args.some((arg) => /^--var(=|$)/.test(arg))) return commands().start;
  return [commands().startWith, ...args.map(quoted)].join(" ");
}

function greet(port, https, hint) {
  const url = `${https ? "https" : "http"}://localhost:${port}`;
  say(`\nReady on ${url} after ${seconds(started)}. Try:\n`);
  say(`  curl ${https ? "-k " : ""}${url} -d '{"prompt": "Plan a small birthday party: food, music and games"}'\n`);
  if (hint) say(`${hint}\n`);
  say("Ctrl+C ends it.");
}

/** Where Ollama answers, and once it is known: it is no fault of ours where it can't be. */
export async function tellSpeed(variables, signal, tell = say) {
  try {
    if (!isMeasured(variables)) return;
    const speed = await measure(variables, signal);
    if (!signal.aborted) tell(`${speedWords(speed)}.`);
  } catch {
    // Whoever asks for an answer hears what is wrong with it.
  }
}

/** Our exit status where wrangler ended by itself; a sentence follows wrangler's own words. */
async function explained(status, port, wasReady, args) {
  const asksOnly = args.some((arg) => ["--help", "-h", "--version", "-v"].includes(arg));
  if (status === 0 && asksOnly) return 0;
  // Two starts in the same moment both find the port free, and wrangler does not say who was faster.
  const holder = wasReady ? null : await holderOf(port);
  if (holder) throw new Problem(takenBy(port, holder));
  const help = wasReady ? "" : `. Its flags: ${commands().startWith} --help`;
  say(`\nerror: wrangler ended by itself (exit status ${status}): see above${help}`);
  // A server that ends unasked is no success, whatever wrangler calls it.
  return status || 1;
}
