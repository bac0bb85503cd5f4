// worker-build and the wasm-bindgen CLI, compiled from crates.io in the versions that Cargo.lock asks for; wasm-opt and esbuild come
// from npm. The same way on every machine: worker-build itself would download binaries, which a closed network refuses.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem } from "../lib/say.mjs";
import { cached } from "./cache.mjs";

/** The environment in which `worker-build` finds everything; `bin` is its folder. */
export async function buildTools() {
  const worker = lockedVersion("worker");
  const bindgen = lockedVersion("wasm-bindgen");
  const workerBuild = await cargoTool("worker-build", worker, ["--locked"]);
  // Without --locked: the CLI's own lock file names a crate version that was withdrawn.
  const wasmBindgen = await cargoTool("wasm-bindgen-cli", bindgen, []);
  return { workerBuild: path.join(workerBuild, "bin/worker-build"), wasmBindgen: path.join(wasmBindgen, "bin/wasm-bindgen") };
}

/** The npm packages' binaries, by the variables under which worker-build looks for them. */
export function npmBinaries() {
  const esbuild = inRoot("node_modules/@esbuild", `${process.platform}-${process.arch}`, "bin/esbuild");
  if (!existsSync(esbuild))
    throw new Problem(`esbuild has no binary for ${process.platform}-${process.arch}, so the worker can't be built here`);
  return { ESBUILD_BIN: esbuild, WASM_OPT_BIN: inRoot("node_modules/binaryen/bin/wasm-opt") };
}

async function cargoTool(crate, version, flags) {
  return cached(`${crate}-${version}`, (folder) =>
    quietly("cargo", ["install", crate, "--version", version, ...flags, "--root", folder], {
      cwd: folder,
      env: { ...process.env, CARGO_TARGET_DIR: path.join(folder, "../build-of-tools"), ...QUICK },
    }),
  );
}

/** The tools run for a second or two: compiling them fast matters more than their own speed. */
const QUICK = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};

function lockedVersion(crate) {
  const lock = readFileSync(inRoot("Cargo.lock"), "utf8");
  const version = new RegExp(`^name = "${crate}"\\nversion = "(.+)"$`, "m").exec(lock)?.[1];
  if (!version) throw new Problem(`Cargo.lock does not name ${crate}`);
  return version;
}
