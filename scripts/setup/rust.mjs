// Rust: the compiler, its wasm32 target, and the components that lint wants. Returns the environment that cargo needs.

import { existsSync, readFileSync } from "node:fs";
import { atLeast, capture, quietly, which } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say, step } from "../lib/say.mjs";
import { debianRust, unpackedDebianRust } from "./debian-rust.mjs";

const TARGET = "wasm32-unknown-unknown";

/**
 * Changes to the environment under which `cargo` compiles for wasm32, `path` being a folder to search first; `{}` on an
 * ordinary machine.
 */
export async function rustForWasm() {
  const wanted = await rustItself();
  if (await hasTarget()) return {};
  const unpacked = unpackedDebianRust(wanted);
  if (unpacked) return unpacked;
  if (which("rustup")) {
    const added = await step(`rustup target add ${TARGET}`, () => capture("rustup", ["target", "add", TARGET]));
    if (added.code === 0 && (await hasTarget())) return {};
    say(`         rustup could not add it (${lastLine(added.stderr)}): looking for Debian's Rust`);
  }
  return debianRust(wanted);
}

/** A Rust that is new enough for the crate; resolves to the version that it wants. */
async function rustItself() {
  if (!which("cargo") || !which("rustc"))
    throw new Problem("Rust is missing: install it from https://rustup.rs and open a new terminal");
  if (!["cc", "gcc", "clang"].some((compiler) => which(compiler))) {
    const command =
      process.platform === "darwin" ? "xcode-select --install" : "apt install build-essential (or your system's like)";
    throw new Problem(`a C compiler is missing, with which Rust links: ${command}`);
  }
  const { code, stdout, stderr } = await capture("rustc", ["--version"]);
  if (code !== 0)
    throw new Problem(`rustc does not work: ${lastLine(stderr)} (a missing toolchain: rustup default stable)`);
  const wanted = /^rust-version = "(.+)"$/m.exec(readFileSync(inRoot("Cargo.toml"), "utf8"))?.[1] ?? "0";
  const version = stdout.split(" ")[1];
  if (!atLeast(version, wanted))
    throw new Problem(`Rust ${version} is too old, ${wanted} is needed: rustup update stable`);
  return wanted;
}

/** rustfmt and clippy, which a minimal toolchain lacks. */
export async function rustLinters(env) {
  for (const [component, program] of [
    ["rustfmt", "cargo-fmt"],
    ["clippy", "cargo-clippy"],
  ]) {
    // rustup leaves a stand-in for each program in ~/.cargo/bin: only running it tells whether it is there.
    if ((await capture(program, ["--version"], { env })).code === 0) continue;
    if (!which("rustup")) throw new Problem(`${component} is missing: install it the way that Rust was installed`);
    await step(`rustup component add ${component}`, () => quietly("rustup", ["component", "add", component]));
  }
}

async function hasTarget() {
  const { code, stdout } = await capture("rustc", ["--print", "target-libdir", "--target", TARGET]);
  return code === 0 && existsSync(stdout.trim());
}

const lastLine = (text) => text.trim().split("\n").at(-1) ?? "";
