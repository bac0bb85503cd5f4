// How long the built Worker takes from nothing to its first answer, beside an empty Worker.
//
// Both run on plain workerd, in turns, because the machine may be busy with something else. Only the ratio means
// something on another machine. It has a limit because Cloudflare starts a Worker anew wherever it has been idle.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say } from "../lib/say.mjs";

/** Our cold start over that of an empty Worker. */
const RATIO_MAX = 2.0;
const RUNS = 11;
/** After too slow a result, which may have been the machine's fault. */
const RUNS_AGAIN = 31;
const RUN_MS_MAX = 10_000;

/** Prints the cold start of the bundle in `folder`; a `Problem` where it is too slow. */
export async function checkColdStart(folder, { runs = RUNS, runsAgain = RUNS_AGAIN } = {}) {
  // workerd finds the bundle by its path from here, which must not lead through a link.
  const configs = realpathSync(mkdtempSync(path.join(os.tmpdir(), "cold-start-")));
  try {
    const empty = written(path.join(configs, "empty.capnp"), EMPTY_WORKER);
    const ours = written(path.join(configs, "ours.capnp"), ourWorker(path.relative(configs, folder)));
    const doors = readFileSync(path.join(folder, "doors.js"), "utf8");
    writeFileSync(path.join(configs, "doors.js"), `throw new Error("doors.js: evaluated at the start");\n${doors}`);
    const trouble = await coldStart(empty).then(() => null, String);
    if (trouble) {
      say(`         cold start: not measured, because workerd does not run here (${trouble})`);
      return;
    }
    let result = await compare(empty, ours, runs, median);
    // A busy machine can only make a run slower, ours most of all, because it compiles: the fastest come closest.
    if (result.ratio >= RATIO_MAX) result = await compare(empty, ours, runsAgain, fastest);
    const ratio = result.ratio.toFixed(2);
    const times = `${result.ours.toFixed(1)} ms, an empty Worker ${result.empty.toFixed(1)} ms`;
    say(`         cold start: ${times}, ratio ${ratio} (below ${RATIO_MAX.toFixed(1)})`);
    if (result.ratio >= RATIO_MAX)
      throw new Problem(
        `the cold start takes ${ratio} times as long as that of an empty Worker, and we allow ourselves less than ` +
          `${RATIO_MAX.toFixed(1)}: look for a new dependency, or for work that is done at the start`,
      );
  } finally {
    rmSync(configs, { recursive: true, force: true });
  }
}

/** Milliseconds of both, as `typical` makes them of all runs, and their ratio. */
async function compare(empty, ours, runs, typical) {
  const times = { empty: [], ours: [] };
  // The first of each is not counted, because it reads the files from the disk.
  for (let run = 0; run <= runs; run++) {
    for (const [name, config] of Object.entries({ empty, ours })) {
      const ms = await coldStart(config);
      if (run > 0) times[name].push(ms);
    }
  }
  const [emptyMs, oursMs] = [typical(times.empty), typical(times.ours)];
  return { empty: emptyMs, ours: oursMs, ratio: oursMs / emptyMs };
}

/** Milliseconds from the start of the process to the answer of `GET /health`. */
async function coldStart(config) {
  const program = workerd();
  const started = performance.now();
  const child = spawn(program, ["serve", "--control-fd=3", config], { stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const deadline = setTimeout(() => child.kill("SIGKILL"), RUN_MS_MAX);
  try {
    const port = await portOf(child);
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    await response.text();
    const ms = performance.now() - started;
    if (!response.ok) throw new Problem(`the Worker answers GET /health with ${response.status}`);
    return ms;
  } finally {
    clearTimeout(deadline);
    child.kill("SIGKILL");
    await ended;
  }
}

/** workerd takes a free port and names it on its control channel. */
function portOf(child) {
  return new Promise((resolve, reject) => {
    let [control, errors] = ["", ""];
    child.stdio[3].on("data", (chunk) => {
      control += chunk;
      const port = /"port":\s*(\d+)/.exec(control)?.[1];
      if (port) resolve(Number(port));
    });
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("error", reject);
    child.on("close", () => reject(new Problem(`workerd ended: ${errors.trim().split("\n")[0]}`)));
  });
}

/** The binary that wrangler brings. */
const workerd = () => createRequire(inRoot("package.json"))("workerd").default;

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const fastest = (numbers) => Math.min(...numbers);

function written(file, worker) {
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
const worker :Workerd.Worker = (compatibilityDate = "2026-10-01", ${worker});
`,
  );
  return file;
}

const EMPTY_WORKER = `
  modules = [(name = "main.js", esModule = "export default { fetch() { return new Response(); } };")]`;

function ourWorker(folder) {
  return `
  modules = [
    (name = "main.js", esModule = embed ${JSON.stringify(path.join(folder, "main.js"))}),
    (name = "index_bg.wasm", wasm = embed ${JSON.stringify(path.join(folder, "index_bg.wasm"))}),
    (name = "doors.js", esModule = embed "doors.js")],
  bindings = [
    (name = "ENVIRONMENT", text = "development"),
    (name = "MODEL_PROVIDER", text = "demo"),
    (name = "ORCHESTRATOR_WORKERS_WORKFLOW", durableObjectNamespace = "OrchestratorWorkflow"),
    (name = "ORCHESTRATOR_WORKERS_TENANT", durableObjectNamespace = "OrchestratorTenant")],
  durableObjectNamespaces = [
    (className = "OrchestratorWorkflow", uniqueKey = "cold-start", enableSql = true),
    (className = "OrchestratorTenant", uniqueKey = "cold-start-tenant", enableSql = true)],
  durableObjectStorage = (inMemory = void)`;
}
