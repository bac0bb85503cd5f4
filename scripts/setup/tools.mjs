// worker-build and the wasm-bindgen CLI, compiled from crates.io in the versions that Cargo.lock asks for; wasm-opt and
// esbuild come from npm. The same way on every machine: worker-build itself would download binaries, which a closed
// network refuses.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot, toolsCache } from "../lib/paths.mjs";
import { Problem } from "../lib/say.mjs";
import { cached, withTemporary } from "./cache.mjs";

/** The paths of `worker-build` and of the `wasm-bindgen` CLI. */
export async function buildTools() {
  const worker = `worker-build-${lockedVersion("worker")}`;
  const bindgen = `wasm-bindgen-cli-${lockedVersion("wasm-bindgen")}`;
  const paths = () => ({
    workerBuild: inCache(worker, "bin/worker-build"),
    wasmBindgen: inCache(bindgen, "bin/wasm-bindgen"),
  });
  if (!Object.values(paths()).every((file) => existsSync(file))) {
    // One target folder for both, since they share dependencies.
    await withTemporary("target", async (target) => {
      await cached(worker, (folder) => cargoInstall(worker, "worker-build", folder, target, ["--locked"]));
      // Without --locked: the CLI's own lock file names a crate version that was withdrawn.
      await cached(bindgen, (folder) => cargoInstall(bindgen, "wasm-bindgen", folder, target, []));
    });
  }
  return paths();
}

/** The npm packages' binaries, by the variables under which worker-build looks for them. */
export function npmBinaries() {
  const esbuild = inRoot("node_modules/@esbuild", `${process.platform}-${process.arch}`, "bin/esbuild");
  if (!existsSync(esbuild))
    throw new Problem(
      `esbuild has no binary for ${process.platform}-${process.arch}, so the worker can't be built here`,
    );
  return { ESBUILD_BIN: esbuild, WASM_OPT_BIN: inRoot("node_modules/binaryen/bin/wasm-opt") };
}

function cargoInstall(name, program, folder, target, flags) {
  const [, crate, version] = /^(.+)-([\d.]+)$/.exec(name);
  return quietly("cargo", ["install", crate, "--version", version, "--bin", program, ...flags, "--root", folder], {
    cwd: folder,
    env: { ...process.env, ...QUICK, CARGO_TARGET_DIR: target },
  });
}

/** The tools run for a second per build: unoptimised, they compile in 5 minutes of processor time instead of 13. */
const QUICK = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
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

const inCache = (...parts) => path.join(toolsCache, ...parts);
