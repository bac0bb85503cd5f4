// Builds the Worker into build/, unless nothing changed since the last time.
//
//   build/index.js, index_bg.wasm   worker-build's output, which src/cloudflare/main.js imports
//   build/bundle/                   the same with main.js bundled, as wrangler uploads it: for the tests and the size
//   build/console/                  the web console's files (console.mjs)
//
// The crash-test variant goes to build/crash-test and has routes that crash on request (src/cloudflare/crash.rs).

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { quietly, run } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say, step } from "../lib/say.mjs";
import { setUp } from "../setup/index.mjs";
import { checkColdStart } from "./cold-start.mjs";
import { buildConsole } from "./console.mjs";
import { fingerprintOf } from "./fingerprint.mjs";

/** Of wasm and JavaScript together, gzipped. */
const SIZE_MAX_BYTES = 450_000;
const INPUTS = ["Cargo.toml", "Cargo.lock", "package.json", "package-lock.json", "scripts/build/worker.mjs", "src"];

// What rustc and wasm-bindgen use, as worker-build passes it: wasm-opt must not write what workerd can't read.
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
];

// Nobody reads names of functions in production, and they are a good part of what a deploy uploads. worker-build's own
// call of wasm-opt would keep them.
const OPTIMISATIONS = ["-O3", "--strip-debug", "--strip-producers", "--strip-target-features"];

const RELEASE = {
  name: "worker",
  out: "build",
  condition: "default",
  optimise: true,
  flags: ["--release", "--no-opt"],
};
// Without wasm-opt: the tests of crashes need neither speed nor size. The dependencies are those of the release,
// compiled once.
const CRASH_TEST = {
  name: "crash-test worker",
  out: "build/crash-test",
  condition: "crash-test",
  optimise: false,
  flags: ["--release", "--no-opt", "--features", "crash-test"],
};

export async function build({ crashTest = false } = {}) {
  const variant = crashTest ? CRASH_TEST : RELEASE;
  const tools = await setUp();
  const out = inRoot(variant.out);
  const stamp = path.join(out, ".inputs");
  const inputs = fingerprintOf(JSON.stringify(variant), INPUTS);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== inputs) {
    rmSync(stamp, { force: true });
    await step(`build the ${variant.name}`, () => compile(variant, tools));
    await bundle(variant, tools);
    if (!crashTest) {
      checkSize(path.join(out, "bundle"));
      await checkColdStart(path.join(out, "bundle"));
    }
    writeFileSync(stamp, inputs);
  }
  // After the Worker: worker-build may empty its folder.
  await buildConsole();
  return out;
}

async function compile({ out, flags, optimise }, { env, workerBuild, wasmBindgen }) {
  const code = await run(workerBuild, ["--out-dir", out, ...flags], { env: { ...env, WASM_BINDGEN_BIN: wasmBindgen } });
  if (code !== 0) throw new Problem("the build failed: see above");
  if (!optimise) return;
  const wasm = inRoot(out, "index_bg.wasm");
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  await quietly(env.WASM_OPT_BIN, [...OPTIMISATIONS, ...features, wasm, "-o", `${wasm}.optimised`], { env });
  renameSync(`${wasm}.optimised`, wasm);
}

async function bundle({ out, condition }, { env }) {
  const folder = inRoot(out, "bundle");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const flags = [
    "--bundle",
    "--format=esm",
    "--minify",
    "--external:cloudflare:*",
    "--external:*.wasm",
    `--conditions=${condition}`,
  ];
  await quietly(env.ESBUILD_BIN, ["src/cloudflare/main.js", ...flags, `--outfile=${path.join(folder, "main.js")}`], {
    env,
  });
  cpSync(inRoot(out, "index_bg.wasm"), path.join(folder, "index_bg.wasm"));
}

function checkSize(folder) {
  const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
  const bytes = gzipSync(Buffer.concat(files)).length;
  say(`         bundle: ${kilobytes(bytes)} gzipped (wasm and JavaScript; at most ${kilobytes(SIZE_MAX_BYTES)})`);
  if (bytes > SIZE_MAX_BYTES)
    throw new Problem(
      `the bundle has ${kilobytes(bytes)} gzipped, more than the ${kilobytes(SIZE_MAX_BYTES)} that we allow ` +
        "ourselves: look for a new dependency, or for code that exists once for each type",
    );
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
