// Rust with a wasm32 target where rustup can't bring it, from Debian's packages: the way of a Debian machine that
// reaches package registries only. Debian's `rustc-web` follows stable Rust; it has the sources of the standard
// library, but no wasm32 build of it, so that is compiled here. All of it is unpacked into the tools cache: nothing is
// installed into the system, and root is not needed.

import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { atLeast, capture, quietly, which } from "../lib/exec.mjs";
import { toolsCache } from "../lib/paths.mjs";
import { Problem, step } from "../lib/say.mjs";
import { cached, withTemporary } from "./cache.mjs";

const TARGET = "wasm32-unknown-unknown";
const PACKAGES = ["rustc-web", "rust-web-clippy", "rust-web-src"];
const MEND = `the Rust target ${TARGET} is missing: rustup target add ${TARGET} (rustup is at https://rustup.rs)`;

/** The environment of an unpacked Debian Rust from an earlier set-up, or null. */
export function unpackedDebianRust(wanted) {
  const folders = existsSync(toolsCache)
    ? readdirSync(toolsCache).filter((name) => name.startsWith("debian-rust-"))
    : [];
  const folder = folders.find((name) => atLeast(name.slice("debian-rust-".length), wanted));
  return folder ? environment(path.join(toolsCache, folder)) : null;
}

/** Unpacks Debian's Rust, at least of version `wanted`, and compiles the standard library for wasm32. */
export async function debianRust(wanted) {
  if (!which("apt-get") || !which("dpkg-deb")) throw new Problem(MEND);
  const version = await candidate();
  if (!version || !atLeast(version, wanted)) throw new Problem(MEND);
  const folder = await cached(`debian-rust-${version}`, async (temporary) => {
    await unpack(temporary);
    await compileStd(temporary);
  });
  return environment(folder);
}

/**
 * The version of rustc-web that apt would install: "1.96.0". Refreshes apt's lists only where they lack it and we may.
 */
async function candidate() {
  const look = async () =>
    /Candidate: (\d+\.\d+\.\d+)/.exec((await capture("apt-cache", ["policy", "rustc-web"])).stdout)?.[1];
  const version = await look();
  if (version || process.getuid?.() !== 0) return version;
  await step("apt-get update", () => capture("apt-get", ["update"]));
  return look();
}

async function unpack(folder) {
  const tree = await quietly("apt-cache", ["depends", "--recurse", "--important", ...PACKAGES]);
  const own = tree.match(
    /^(rustc-web|rust-web-src|rust-web-clippy|libstd-rust-web-dev|libstd-rust-web-\d\S*|libllvm\d+)$/gm,
  );
  const linker = own.find((name) => name.startsWith("libllvm")).replace("libllvm", "lld-");
  await withTemporary("debs", async (debs) => {
    await quietly("apt-get", ["download", ...new Set(own), linker], { cwd: debs });
    for (const deb of readdirSync(debs)) await quietly("dpkg-deb", ["--extract", path.join(debs, deb), folder]);
  });
}

/** Builds the standard library in an empty crate and puts it where rustc looks for a target's libraries. */
async function compileStd(folder) {
  await withTemporary("std", async (crate) => {
    mkdirSync(path.join(crate, "src"));
    writeFileSync(path.join(crate, "src/lib.rs"), "");
    writeFileSync(path.join(crate, "Cargo.toml"), '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n');
    const { path: bin, ...variables } = environment(folder);
    const env = {
      ...process.env,
      ...variables,
      PATH: `${bin}:${process.env.PATH}`,
      CARGO_TARGET_DIR: path.join(crate, "target"),
    };
    // Embedded bitcode, because the crate's own release build has lto = true.
    Object.assign(env, { RUSTC_BOOTSTRAP: "1", RUSTFLAGS: "-Cembed-bitcode=yes" });
    await quietly("cargo", ["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET], {
      cwd: crate,
      env,
    });
    const built = path.join(crate, "target", TARGET, "release/deps");
    const libraries = path.join(folder, "usr/lib/rustlib", TARGET, "lib");
    mkdirSync(libraries, { recursive: true });
    for (const name of readdirSync(built)) {
      if (name.endsWith(".rlib") && !name.startsWith("libempty-"))
        copyFileSync(path.join(built, name), path.join(libraries, name));
    }
  });
}

function environment(folder) {
  const bin = path.join(folder, "usr/bin");
  const lib = path.join(folder, "usr/lib");
  const architecture = readdirSync(lib).find((name) =>
    readdirSync(path.join(lib, name)).some((file) => file.startsWith("librustc_driver")),
  );
  const linker = readdirSync(bin).find((name) => name.startsWith("wasm-ld"));
  return {
    path: bin,
    // cargo stays rustup's, which would otherwise choose rustup's compiler.
    RUSTC: path.join(bin, "rustc"),
    RUSTDOC: path.join(bin, "rustdoc"),
    LD_LIBRARY_PATH: path.join(lib, architecture),
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: path.join(bin, linker),
  };
}
