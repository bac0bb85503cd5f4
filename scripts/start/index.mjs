// Serves the `development` environment and ends with all that it started: what `npm start` and the package have in
// common.

import { spawn } from "node:child_process";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { commands } from "../lib/command.mjs";
import { ended, family } from "../lib/processes.mjs";
import { Problem, say, seconds } from "../lib/say.mjs";
import { envFileFlags } from "../lib/variables.mjs";
import { wrangler } from "../lib/wrangler.mjs";

const ENVIRONMENT = "development";
const started = Date.now();

/**
 * `args` go to wrangler. `prepare()` gets ready what is served, and resolves to the environment to run wrangler in, the
 * folder to run it in, where .dev.vars is, and further flags.
 */
export async function start(args, prepare) {
  const port = Number(flagValue("--port", args) ?? 8787);
  await assertFree(port);
  return serve(port, args, await prepare());
}

async function serve(port, args, { env, folder, flags: own }) {
  const variables = envFileFlags(ENVIRONMENT, { folder });
  if (variables.names.length > 0) say(`         from the shell: ${variables.names.join(", ")}`);
  const flags = [
    "--env",
    ENVIRONMENT,
    "--port",
    String(port),
    "--show-interactive-dev-session=false",
    ...variables.flags,
    ...own,
  ];
  const child = spawn("node", [wrangler(), "dev", ...flags, ...without("--port", args)], {
    cwd: folder,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exit = new Promise((resolve, reject) =>
    child.on("error", reject).on("exit", (code, signal) => resolve(signal ? 0 : (code ?? 0))),
  );
  const end = endTogether(child);
  try {
    await Promise.race([exit, greetWhenReady(port)]);
    return await exit;
  } finally {
    variables.remove();
    await ended(await end);
  }
}

/**
 * Ends wrangler when we are asked to end: Ctrl+C reaches it too, as a member of the terminal's foreground group, but a
 * signal sent only to us, or npm's own end, does not. Resolves, once asked, to what must have ended before we do.
 */
function endTogether(child) {
  return new Promise((resolve) => {
    const end = async () => {
      const members = await family(child.pid);
      child.kill("SIGTERM");
      resolve(members);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
    child.on("exit", () => resolve([]));
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end(), 500).unref();
  });
}

async function greetWhenReady(port) {
  const url = `http://localhost:${port}`;
  while (!(await answers(`http://127.0.0.1:${port}/health`))) await sleep(100);
  say(`\nReady on ${url} after ${seconds(started)}. Try:\n`);
  say(`  curl ${url} -d '{"prompt": "Plan a small birthday party: food, music and games"}'\n`);
  say("Ctrl+C ends it.");
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).status < 500;
  } catch {
    return false;
  }
}

/** wrangler's own message for a taken port does not say what to do. */
function assertFree(port) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", () =>
      reject(
        new Problem(
          `port ${port} is in use: stop what uses it, or take another one: ${commands().startWith} --port ${port + 1}`,
        ),
      ),
    );
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

function flagValue(flag, args) {
  const at = args.indexOf(flag);
  return at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

function without(flag, args) {
  return args.filter((arg, i) => arg !== flag && args[i - 1] !== flag && !arg.startsWith(`${flag}=`));
}
