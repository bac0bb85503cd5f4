// workerd's configuration for `serve`, made from what wrangler.toml says, so that dates, classes and assets have one
// source.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../lib/paths.mjs";
import { Problem } from "../lib/say.mjs";

/** The name under which objects keep their files: it must never change. */
const UNIQUE_PREFIX = "orchestrator-workers";
export const CLASSES = ["OrchestratorWorkflow", "OrchestratorTenant"];
/** Only of a fleet: what its nodes must have in common (src/cloudflare/fleet.js). */
const FLEET = "OrchestratorFleet";

/** What workerd calls the kinds of modules. */
const MODULE_KINDS = { ".js": "esModule", ".wasm": "wasm" };
/** The module that workerd starts with is the first of them. */
const MAIN = "main.js";

/** The names of a bundle's modules. */
export function modulesIn(bundle) {
  const names = readdirSync(bundle).filter((name) => Object.hasOwn(MODULE_KINDS, path.extname(name)));
  return [MAIN, ...names.filter((name) => name !== MAIN)];
}

/** The folder's name of a class within `objects/`. */
export const uniqueKey = (className) => `${UNIQUE_PREFIX}-${className}`;

/**
 * The text of the configuration. `modules`: names of files beside it. `variables`: names that workerd takes from its
 * environment, so that no value, secrets above all, stands in the file. `settings`: values that we decide. `control`:
 * the path of a socket for the supervisor. `cluster`: null, or `{ bucket, key, stopTimeoutMs, timeDivisor }`. Its key
 * is a secret, for which workerd knows no other place than this text. `hasAi`: something stands for the binding of
 * Workers AI.
 */
export function configuration({
  modules,
  variables,
  settings,
  console,
  objects,
  control,
  cluster = null,
  hasAi = false,
}) {
  const classes = [...CLASSES, ...(cluster ? [FLEET] : [])];
  const { date, runWorkerFirst } = ofWrangler(readFileSync(inRoot("wrangler.toml"), "utf8"));
  const assets = JSON.stringify({
    html_handling: "none",
    not_found_handling: "none",
    run_worker_first: runWorkerFirst,
  });
  const bindings = [
    ...Object.entries(settings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...variables.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`),
    ...classes.map(
      (className) => `(name = ${text(bindingOf(className))}, durableObjectNamespace = ${text(className)})`,
    ),
    '(name = "ASSETS", service = (name = "assets", entrypoint = "AssetWorker"))',
    ...(hasAi ? ['(name = "AI", json = "{}")'] : []),
  ];
  const namespaces = classes.map(
    (className) => `(className = ${text(className)}, uniqueKey = ${text(uniqueKey(className))}, enableSql = true)`,
  );
  return `# Made by \`serve\` at each start. Changes are lost.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "orchestrator", worker = .worker),
    (name = "objects", disk = (path = ${text(objects)}, writable = true)),
    (name = "assets", assets = (path = ${text(console)}, userWorker = "orchestrator", config = ${text(assets)})),
    # Models may be in the same network, such as Ollama's.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    (name = "http", http = (), service = "assets"),
    (name = "control", address = ${text(`unix:${control}`)}, http = (),
      service = (name = "orchestrator", entrypoint = "Control")),
  ],${cluster ? clusterText(cluster) : ""}
);

const worker :Workerd.Worker = (
  modules = [
    ${modules.map(moduleText).join(",\n    ")},
  ],
  compatibilityDate = ${text(date)},
  # So that a request counts no more whose client has gone (src/cloudflare/drain.js).
  compatibilityFlags = ["enable_request_signal"],
  bindings = [
    ${bindings.join(",\n    ")},
  ],
  durableObjectNamespaces = [
    ${namespaces.join(",\n    ")},
  ],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}

const moduleText = (name) => `(name = ${text(name)}, ${MODULE_KINDS[path.extname(name)]} = embed ${text(name)})`;

const clusterText = ({ bucket, key, stopTimeoutMs, timeDivisor }) => `
  cluster = (
    bucket = ${text(bucket)},
    key = ${text(key)},
    stopTimeoutMs = ${stopTimeoutMs},
    unsafeTimeDivisor = ${timeDivisor},
  ),`;

/** ORCHESTRATOR_WORKERS_WORKFLOW for OrchestratorWorkflow: as wrangler.toml names them. */
const bindingOf = (className) => `ORCHESTRATOR_WORKERS_${className.replace("Orchestrator", "").toUpperCase()}`;

/** What of wrangler.toml holds here too. */
export function ofWrangler(toml) {
  const found = (what) => {
    const value = new RegExp(`^${what} = (.+)$`, "m").exec(toml)?.[1];
    if (!value) throw new Problem(`wrangler.toml has no ${what}`);
    return JSON.parse(value);
  };
  return { date: found("compatibility_date"), runWorkerFirst: found("run_worker_first") };
}

/** A text in the syntax of Cap'n Proto, which has C's escapes. */
const text = (value) => `"${value.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, escaped)}"`;

const escaped = (character) =>
  [...Buffer.from(character, "utf8")].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
