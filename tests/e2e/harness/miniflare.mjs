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
 * - `index`: with the object of the tenants' index, where the build has one; or one that is "unreachable".
 * - `caller`: the module of another Worker, which answers the requests in its place and has it as `env.ORCHESTRATOR`.
 * - `platform`: with `evict(name)` and `reset()` in the result, which do to objects what Cloudflare does: throw an idle
 *   one out of memory (an error where it is not there, or busy), and end all of them in the middle of their work.
 *
 * Resolves once it listens: `{ url, port, pid, logs, stop(), kill9() }`, where `pid` is workerd's and `logs` what the
 * Worker has logged (`{level, message}`), which `E2E_LOG=1` also prints.
 *
 * @param {{ stateDir: string, vars?: Record<string, string>, ai?: string, port?: number, buildDir?: string,
 *   site?: boolean, caller?: string, platform?: boolean, index?: boolean | "unreachable" }} options
 */
export function startWorker({
  stateDir,
  vars = {},
  ai,
  port = 0,
  buildDir = path.join(root, "build"),
  site = true,
  caller = "",
  platform = false,
  index = true,
}) {
  return startMiniflare(options({ stateDir, vars, ai, port, buildDir, site, caller, platform, index }));
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
    fill: (query, notice) => asPlatform(miniflare, `fill?${new URLSearchParams(query)}`, notice),
    evictTenant: (name) => asPlatform(miniflare, `evict-tenant?name=${encodeURIComponent(name)}`),
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

function options({ stateDir, vars, ai, port, buildDir, site, caller, platform, index }) {
  const modulesRoot = path.join(buildDir, "bundle");
  site &&= existsSync(path.join(buildDir, "console"));
  // 0.1.0 has none.
  const hasIndex = index && readFileSync(path.join(modulesRoot, "main.js"), "utf8").includes("OrchestratorTenant");
  const bindings = Object.entries({ ENVIRONMENT: "development", MODEL_PROVIDER: "demo", ...vars }).map(
    ([name, value]) => [name, { type: "text", value }],
  );
  const config = {
    name: NAME,
    compatibilityDate: "2026-10-01",
    manifest: { mainModule: "main.js", modulesRoot, modules: modules(modulesRoot) },
    env: {
      ...Object.fromEntries(bindings),
      ORCHESTRATOR_WORKERS_WORKFLOW: objects("OrchestratorWorkflow"),
      ...(hasIndex
        ? { ORCHESTRATOR_WORKERS_TENANT: index === "unreachable" ? UNREACHABLE : objects("OrchestratorTenant") }
        : {}),
      ...(site ? { ASSETS: { type: "assets" } } : {}),
      ...(ai ? { AI: { type: "ai", dev: { remote: true } } } : {}),
    },
    ...(site ? consoleAssets(buildDir) : {}),
    exports: {
      OrchestratorWorkflow: { type: "durable-object", storage: "sqlite" },
      ...(hasIndex ? { OrchestratorTenant: { type: "durable-object", storage: "sqlite" } } : {}),
    },
  };
  const dev = ai ? { dev: { remoteProxyConnectionString: new URL(ai) } } : {};
  return {
    host: "127.0.0.1",
    port,
    cf: false,
    enableDevRegistry: false,
    resourcePersistencePath: stateDir,
    workers: [
      // The first one answers.
      ...(caller ? [callerWorker(caller)] : []),
      { config, ...dev },
      ...(platform ? [platformWorker(hasIndex)] : []),
      ...(index === "unreachable" ? [UNREACHABLE_WORKER] : []),
    ],
  };
}

const objects = (exportName) => ({ type: "durable-object", worker: NAME, exportName });
/** An object in the place of the index that answers nobody: it refuses, or says nothing at all. */
const UNREACHABLE = { type: "durable-object", worker: "unreachable", exportName: "Unreachable" };
const UNREACHABLE_WORKER = {
  config: {
    name: "unreachable",
    compatibilityDate: "2026-10-01",
    exports: { Unreachable: { type: "durable-object", storage: "sqlite" } },
    manifest: {
      mainModule: "unreachable.js",
      modulesRoot: root,
      modules: {
        "unreachable.js": {
          type: "esm",
          contents: `import { DurableObject } from "cloudflare:workers";
export class Unreachable extends DurableObject {
  async fetch() {
    if (Math.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (Math.random() < 0.5) throw new Error("unreachable");
    return new Response("unreachable", { status: 503 });
  }
}
export default { fetch: () => new Response("") };`,
        },
      },
    },
  },
};

const callerWorker = (contents) => ({
  config: {
    name: "caller",
    compatibilityDate: "2026-10-01",
    env: { ORCHESTRATOR: { type: "worker", worker: NAME } },
    manifest: { mainModule: "caller.js", modulesRoot: root, modules: { "caller.js": { type: "esm", contents } } },
  },
});

/** workerd's own module for tests, behind a Worker of its own. */
const platformWorker = (hasIndex) => ({
  config: {
    name: "platform",
    compatibilityDate: "2026-10-01",
    compatibilityFlags: ["unsafe_module"],
    env: {
      OBJECTS: objects("OrchestratorWorkflow"),
      ...(hasIndex ? { TENANTS: objects("OrchestratorTenant") } : {}),
    },
    manifest: {
      mainModule: "platform.js",
      modulesRoot: root,
      modules: {
        "platform.js": {
          type: "esm",
          contents: `import unsafe from "workerd:unsafe";
// Tells an index of many workflows, as their objects would.
async function fill(tenants, searchParams, { life, id, label, entry }) {
  const [tenant, from, count] = ["tenant", "from", "count"].map((name) => searchParams.get(name));
  const index = tenants.getByName(tenant);
  let next = Number(from);
  const lane = async () => {
    while (next < Number(from) + Number(count)) {
      const number = String(next++);
      const filled = (text) => text.replaceAll("NUMBER", number);
      // As \`label\` of src/notify.rs.
      const name = new TextEncoder().encode(filled(id));
      const hashed = new Uint8Array(8 + name.length);
      new DataView(hashed.buffer).setBigUint64(0, BigInt(name.length), true);
      hashed.set(name, 8);
      const hash = await crypto.subtle.digest("SHA-256", hashed);
      const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const { created, labels, text, seq } = entry;
      const body = {
        tenant, id: filled(id), life: filled(life), at: created + Number(number),
        entry: {
          seq, created: created + Number(number), text: filled(text),
          labels: "i" + hex.slice(0, 24) + " " + label[number % label.length] + " " + labels[number % labels.length],
        },
      };
      const answer = await index.fetch("https://object/tell", { method: "POST", body: JSON.stringify(body) });
      if (answer.status !== 204) throw new Error(await answer.text());
    }
  };
  await Promise.all(Array.from({ length: 50 }, lane));
}
export default {
  async fetch(request, { OBJECTS, TENANTS }) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      if (pathname === "/evict") await unsafe.evict(OBJECTS.getByName(searchParams.get("name")));
      else if (pathname === "/evict-tenant") await unsafe.evict(TENANTS.getByName(searchParams.get("name")));
      else if (pathname === "/fill") await fill(TENANTS, searchParams, await request.json());
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
});

async function asPlatform(miniflare, path, body) {
  const platform = await miniflare.getWorker("platform");
  const response = await platform.fetch(
    `http://platform/${path}`,
    body && { method: "POST", body: JSON.stringify(body) },
  );
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
