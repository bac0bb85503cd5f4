// Builds the Worker into build/, unless nothing changed since the last time.
//
//   build/index.js, index_bg.wasm   what cargo, wasm-bindgen and wasm-opt make of the Rust: src/cloudflare/instance.js
//                                   imports it
//   build/bundle/                   what wrangler uploads: these with main.js bundled, and doors.js (bundle.mjs)
//   build/console/                  the web console's files (console.mjs)
//
// The crash-test variant goes to build/crash-test and has routes that crash on request (src/cloudflare/crash.rs).

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { quietly, run } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem, step } from "../lib/say.mjs";
import { BINDGEN_SOURCE, bindgen } from "../setup/bindgen.mjs";
import { all, setUp } from "../setup/index.mjs";
import { wasmOpt } from "../setup/npm.mjs";
import { bundle, bundleOf, checkSize } from "./bundle.mjs";
import { checkColdStart } from "./cold-start.mjs";
import { buildConsole } from "./console.mjs";
import { fingerprintOf } from "./fingerprint.mjs";
import { shortened } from "./names.mjs";
import { namedByOrder } from "./order.mjs";

const TARGET = "wasm32-unknown-unknown";
const INPUTS = [
  ".cargo",
  "Cargo.toml",
  "Cargo.lock",
  "client",
  "package.json",
  "package-lock.json",
  ...BINDGEN_SOURCE,
  "scripts/build/binary.mjs",
  "scripts/build/bundle.mjs",
  "scripts/build/names.mjs",
  "scripts/build/order.mjs",
  "scripts/build/worker.mjs",
  "src",
];

// What rustc and wasm-bindgen use, and no more: wasm-opt must not write what workerd can't read.
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
];

// What counts is the size after gzip, which finds what repeats within the last 32 KB. So a function stays apart from
// its only caller, and the data stay whole. Nobody reads names of functions in production, and they are a good part of
// what a deploy uploads.
const OPTIMISATIONS = [
  "-O3",
  // Nothing lives in the first KB: the stack ends there (rustc links it first).
  "--low-memory-unused",
  "--one-caller-inline-max-function-size=0",
  "--skip-pass=memory-packing",
  "--strip-debug",
  "--strip-producers",
  "--strip-target-features",
];

// For the last step, which makes the code of all crates. A copy of more than 8 bytes is one instruction (memory.copy)
// rather than a row of loads and stores. LLVM has known these options since 22, which is Rust's since 1.95.
const LLVM = ["-max-store-memcpy=1", "-max-store-memmove=1"].map((option) => `-Cllvm-args=${option}`);

/** What src/cloudflare/instance.js uses of wasm-bindgen's script. The crates export more. */
const USED = "fetch, OrchestratorTenant, OrchestratorWorkflow, __worker_init_state, __wbg_reset_state";

const RELEASE = { name: "worker", out: "build", condition: "default", optimise: true, features: [] };
// Without wasm-opt: the tests of crashes need neither speed nor size. The dependencies are those of the release,
// compiled once.
const CRASH_TEST = {
  name: "crash-test worker",
  out: "build/crash-test",
  condition: "crash-test",
  optimise: false,
  features: ["crash-test"],
};

export async function build({ crashTest = false } = {}) {
  const variant = crashTest ? CRASH_TEST : RELEASE;
  const { env } = await setUp();
  const out = inRoot(variant.out);
  const stamp = path.join(out, ".inputs");
  const inputs = fingerprintOf(JSON.stringify(variant), INPUTS);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== inputs) {
    rmSync(stamp, { force: true });
    await step(`build the ${variant.name}`, async () => {
      // Side by side, because the compiler's last step keeps only one core busy.
      const [wasm, program] = await all([compile(variant, env), bindgen(env)]);
      await staged(variant.out, (folder) => bind(wasm, program, variant, folder, env));
      await staged(variant.out, (folder) => bundle(variant, folder));
    });
    if (!crashTest) {
      checkSize(path.join(out, "bundle"));
      await checkColdStart(path.join(out, "bundle"));
    }
    writeFileSync(stamp, inputs);
  }
  await buildConsole();
  return out;
}

/** The path of the WebAssembly that cargo makes of the Rust. */
async function compile({ features }, env) {
  // Only as a cdylib: an rlib beside it keeps every public function reachable, so that LTO drops and merges less.
  const form = ["--lib", "--crate-type", "cdylib", "--release", "--target", TARGET];
  const flags = [...form, ...features.flatMap((feature) => ["--features", feature])];
  // As Cloudflare's worker-build does: async functions then use js-sys alone.
  const code = await run("cargo", ["rustc", ...flags, "--", ...LLVM], {
    env: { ...env, WASM_BINDGEN_USE_JS_SYS: "1" },
  });
  if (code !== 0) throw new Problem("the build failed: see above");
  const metadata = await quietly("cargo", ["metadata", "--no-deps", "--format-version", "1"], { env });
  return path.join(JSON.parse(metadata).target_directory, TARGET, "release/orchestrator_workers.wasm");
}

/** Runs `work` with a new folder in `out`, so that nobody sees half of a build, and two builds do not meet. */
async function staged(out, work) {
  mkdirSync(inRoot(out), { recursive: true });
  const folder = mkdtempSync(inRoot(out, ".new-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes index.js and index_bg.wasm. */
async function bind(compiled, program, { out, optimise }, glue, env) {
  await quietly(program, [compiled, glue], { env });
  const [script, wasm] = [path.join(glue, "index.js"), path.join(glue, "index_bg.wasm")];
  // Workers have no source phase imports yet: there, what a plain import of a .wasm file gives is the module already.
  const source = readFileSync(script, "utf8");
  const plain = source.replace(/^import source (?=\w+ from "\.\/index_bg\.wasm";$)/m, "import ");
  if (plain === source) throw new Problem("wasm-bindgen's index.js does not import its WebAssembly as we know it");
  // A registry that nothing registers with may be dropped, with the class that it is for.
  writeFileSync(script, plain.replaceAll("new FinalizationRegistry(", "/* @__PURE__ */ $&"));
  const entry = path.join(glue, "entry.js");
  writeFileSync(entry, `export { ${USED} } from "./index.js";\n`);
  // One small file: a deploy uploads it as it is.
  const bundled = path.join(glue, "bundled.js");
  await bundleOf(entry, bundled, {
    // It lets esbuild drop the classes that nothing uses.
    define: { "Symbol.dispose": "undefined" },
    // What src/cloudflare/host.rs calls so.
    alias: { "orchestrator-workers-json-schema": inRoot("src/cloudflare/json-schema.js") },
  });
  if (optimise) {
    const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
    const rewrite = (...passes) => quietly(wasmOpt, [...passes, ...features, wasm, "-o", wasm], { env });
    await rewrite(`--remove-exports=${(await unusedExports(wasm, bundled, env)).join(",")}`, ...OPTIMISATIONS);
    // The second time finds what the first has laid open.
    await rewrite(...OPTIMISATIONS);
    const imported = (await ofModule("imports", wasm, env)).filter(({ kind }) => kind === "function");
    writeFileSync(wasm, namedByOrder(readFileSync(wasm), imported.length));
    await rewrite("--reorder-functions-by-name", ...OPTIMISATIONS);
    await shorten(wasm, bundled, env);
  }
  renameSync(wasm, inRoot(out, "index_bg.wasm"));
  renameSync(bundled, inRoot(out, "index.js"));
}

async function shorten(wasm, script, env) {
  const { transform } = await import("esbuild");
  const names = [...(await ofModule("imports", wasm, env)), ...(await ofModule("exports", wasm, env))];
  const short = await shortened(
    readFileSync(wasm),
    readFileSync(script, "utf8"),
    names.map(({ name }) => name),
    transform,
  );
  writeFileSync(wasm, short.module);
  writeFileSync(script, short.script);
}

/** The exports of the WebAssembly that the script does not name. Without them, wasm-opt drops what only they call. */
async function unusedExports(wasm, script, env) {
  const words = new Set(readFileSync(script, "utf8").match(/\w+/g));
  const exported = await ofModule("exports", wasm, env);
  return exported.map(({ name }) => name).filter((name) => !words.has(name));
}

/** What a WebAssembly exports or imports, by the Node of the set-up: the reader's may not know all of its types. */
async function ofModule(what, wasm, env) {
  const script =
    'const bytes = require("node:fs").readFileSync(process.argv[1]);' +
    `console.log(JSON.stringify(WebAssembly.Module.${what}(new WebAssembly.Module(bytes))));`;
  return JSON.parse(await quietly("node", ["-e", script, wasm], { env }));
}
