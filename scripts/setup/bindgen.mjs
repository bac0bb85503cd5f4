// wasm-bindgen, compiled from crates.io in the version that Cargo.lock asks for: scripts/bindgen, a program of a few
// lines around its library. The same way on every machine, because a closed network refuses a download of binaries.

import { copyFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fingerprintOf } from "../build/fingerprint.mjs";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem } from "../lib/say.mjs";
import { cached, withTemporary } from "./cache.mjs";

const CRATE = "scripts/bindgen";
const PROGRAM = "bindgen";
/** All that decides what it does. */
export const BINDGEN_SOURCE = ["Cargo.toml", "Cargo.lock", "src"].map((name) => `${CRATE}/${name}`);

/** The program's path. `env` is the environment in which cargo works. */
export async function bindgen(env) {
  const version = wantedVersion();
  // The folder's name also says from which source, because clones of several states share the cache.
  const source = fingerprintOf(PROGRAM, BINDGEN_SOURCE).slice(0, 8);
  const folder = await cached(`wasm-bindgen-${version}-${source}`, (temporary) => compile(temporary, env));
  const program = path.join(folder, PROGRAM);
  if (!existsSync(program)) throw new Problem(`${folder} has no ${PROGRAM}: delete that folder and try again`);
  return program;
}

async function compile(folder, env) {
  await withTemporary("target", async (target) => {
    const flags = ["build", "--release", "--locked", "--manifest-path", inRoot(CRATE, "Cargo.toml")];
    await quietly("cargo", flags, { env: { ...env, CARGO_TARGET_DIR: target } });
    copyFileSync(path.join(target, "release", PROGRAM), path.join(folder, PROGRAM));
  });
}

/** wasm-bindgen's parts must all be of one version, or the output does not fit the crate. */
function wantedVersion() {
  const locked = (file, crate) =>
    new RegExp(`^name = "${crate}"\\nversion = "(.+)"$`, "m").exec(readFileSync(inRoot(file), "utf8"))?.[1];
  const project = locked("Cargo.lock", "wasm-bindgen");
  const program = locked(`${CRATE}/Cargo.lock`, "wasm-bindgen-cli-support");
  if (!project || project !== program)
    throw new Problem(
      `Cargo.lock has wasm-bindgen ${project}, ${CRATE} has wasm-bindgen-cli-support ${program}: write ` +
        `"=${project}" into ${CRATE}/Cargo.toml and run: cargo update --manifest-path ${CRATE}/Cargo.toml`,
    );
  return project;
}
