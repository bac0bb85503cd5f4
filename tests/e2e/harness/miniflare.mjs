// The built Worker on workerd, through Miniflare: a port and a state folder per test, no wrangler in between.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const NAME = "orchestrator-workers";
const MODULE_TYPES = { ".js": "esm", ".wasm": "wasm" };

/**
 * Starts the Worker that `npm run build` left in `buildDir` (`build`, or `build/crash-test`).
 *
 * - `stateDir`: where the Durable Objects are kept; start on the same folder again to find them there. Make one per
 *   test.
 * - `vars`: variables and secrets, over `{ENVIRONMENT: "development", MODEL_PROVIDER: "demo"}`.
 * - `ai`: URL of an emulator of Workers AI; with it the binding `AI` is workerd's own class, and every call of it
 *   arrives there.
 * - `port`: 0 takes a free one.
 * - `site`: with the web console's files, and Miniflare's three Workers that serve them and that each request then
 *   passes.
 * - `platform`: with `evict(name)` and `reset()` in the result, which do to objects what Cloudflare does: throw an idle
 *   one out of memory (an error where it is not there, or busy), and end all of them in the middle of their work.
 *
 * Resolves once it listens: `{ url, port, pid, logs, stop(), kill9() }`, where `pid` is workerd's and `logs` what the
 * Worker has logged (`{level, message}`), which `E2E_LOG=1` also prints.
 *
 * @param {{ stateDir: string, vars?: Record<string, string>, ai?: string, port?: number, buildDir?: string,
 *   site?: boolean, platform?: boolean }} options
 */
export function startWorker({
  stateDir,
  vars = {},
  ai,
  port = 0,
  buildDir = path.join(root, "build"),
  site = true,
  platform = false,
}) {
  return startMiniflare(options({ stateDir, vars, ai, port, buildDir, site, platform }));
}

/** Starts whatever Worker; the result is that of `startWorker`. */
export function startMiniflare(config) {
  // One at a time: workerd is recognised as the child that was not there before.
  const started = turn.then(() => start(config));
  turn = started.catch(() => {});
  return started;
}

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

async function start(config) {
  const before = workerdChildren();
  const logs = [];
  const handleStructuredLogs = ({ level, message }) => {
    logs.push({ level, message });
    if (process.env.E2E_LOG) console.error(`[${level}] ${message}`);
  };
  const miniflare = new Miniflare({ ...config, handleStructuredLogs });
  const { origin, port } = await miniflare.ready;
  const pid = workerdChildren().find((child) => !before.includes(child));
  let disposed;
  const stop = () => (disposed ??= miniflare.dispose());
  return {
    url: origin,
    port: Number(port),
    pid,
    logs,
    stop,
    evict: (name) => asPlatform(miniflare, `evict?name=${encodeURIComponent(name)}`),
    reset: () => asPlatform(miniflare, "reset"),
    /** As in a power cut: nothing is flushed and no request is answered. The state folder stays for the next start. */
    async kill9() {
      process.kill(pid, "SIGKILL");
      await stop();
    },
  };
}

/** The process ids of our own workerd children: never anybody else's. */
function workerdChildren() {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 2 ** 26 })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, program]) => Number(parent) === process.pid && path.basename(program ?? "") === "workerd")
    .map(([pid]) => Number(pid));
}

function options({ stateDir, vars, ai, port, buildDir, site, platform }) {
  const modulesRoot = path.join(buildDir, "bundle");
  site &&= existsSync(path.join(buildDir, "console"));
  const bindings = Object.entries({ ENVIRONMENT: "development", MODEL_PROVIDER: "demo", ...vars }).map(
    ([name, value]) => [name, { type: "text", value }],
  );
  const config = {
    name: NAME,
    compatibilityDate: "2026-10-01",
    manifest: { mainModule: "main.js", modulesRoot, modules: modules(modulesRoot) },
    env: {
      ...Object.fromEntries(bindings),
      ORCHESTRATOR_WORKERS_WORKFLOW: OBJECTS,
      ...(site ? { ASSETS: { type: "assets" } } : {}),
      ...(ai ? { AI: { type: "ai", dev: { remote: true } } } : {}),
    },
    ...(site ? consoleAssets(buildDir) : {}),
    exports: { OrchestratorWorkflow: { type: "durable-object", storage: "sqlite" } },
  };
  const dev = ai ? { dev: { remoteProxyConnectionString: new URL(ai) } } : {};
  return {
    host: "127.0.0.1",
    port,
    cf: false,
    enableDevRegistry: false,
    resourcePersistencePath: stateDir,
    workers: [{ config, ...dev }, ...(platform ? [PLATFORM] : [])],
  };
}

const OBJECTS = { type: "durable-object", worker: NAME, exportName: "OrchestratorWorkflow" };
/** workerd's own module for tests, behind a Worker of its own. */
const PLATFORM = {
  config: {
    name: "platform",
    compatibilityDate: "2026-10-01",
    compatibilityFlags: ["unsafe_module"],
    env: { OBJECTS },
    manifest: {
      mainModule: "platform.js",
      modulesRoot: root,
      modules: {
        "platform.js": {
          type: "esm",
          contents: `import unsafe from "workerd:unsafe";
export default {
  async fetch(request, { OBJECTS }) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      if (pathname === "/evict") await unsafe.evict(OBJECTS.getByName(searchParams.get("name")));
      else await unsafe.abortAllDurableObjects();
      return new Response("done");
    } catch (error) {
      return new Response(error.message, { status: 500 });
    }
  },
};`,
        },
      },
    },
  },
};

async function asPlatform(miniflare, path) {
  const platform = await miniflare.getWorker("platform");
  const response = await platform.fetch(`http://platform/${path}`);
  if (!response.ok) throw new Error(await response.text());
}

/** As wrangler.toml's [assets]. */
function consoleAssets(buildDir) {
  const directory = path.join(buildDir, "console");
  return {
    assets: {
      directory,
      hasUserWorker: true,
      htmlHandling: "none",
      notFoundHandling: "none",
      runWorkerFirst: ["/*", "!/assets/*.*"],
    },
  };
}

function modules(folder) {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => MODULE_TYPES[path.extname(name)])
      .map((name) => {
        const type = MODULE_TYPES[path.extname(name)];
        return [name, { type, contents: readFileSync(path.join(folder, name), type === "esm" ? "utf8" : null) }];
      }),
  );
}
