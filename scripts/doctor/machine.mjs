// The machine itself: Node, Rust, workerd, the clock.

import { isClone } from "../lib/command.mjs";
import { atLeast, capture } from "../lib/exec.mjs";
import { workerd } from "../serve/workerd.mjs";
import { mend, note, ok } from "./result.mjs";

/** What serve and wrangler need of it; an older one is replaced by the scripts. */
const NODE_WANTED = "22.16.0";
const RUST_MIN = "1.95.0";
const CLOCK_MS_MAX = 5_000;

export function node(version = process.versions.node) {
  if (atLeast(version, NODE_WANTED)) return ok("Node", version);
  return note("Node", `${version}, so the scripts fetch a newer one where they need it`, "install Node 22 or newer");
}

/** Only a clone compiles. */
export async function rust() {
  if (!isClone) return [];
  const { code, stdout } = await capture("rustc", ["--version"]);
  const version = /^rustc (\S+)/.exec(stdout)?.[1];
  if (code !== 0 || !version) return [mend("Rust", "not found", "install it from https://rustup.rs")];
  if (!atLeast(version, RUST_MIN)) return [mend("Rust", `${version}, older than ${RUST_MIN}`, "rustup update stable")];
  return [ok("Rust", version)];
}

/** It runs here at all: the right platform, a new enough libc. `install`: the command that installs it. */
export async function runtime(install, program = workerd) {
  let file;
  try {
    file = program();
  } catch {
    return mend("workerd", "not installed", install);
  }
  const { code, stdout, stderr } = await capture(file, ["--version"]);
  if (code === 0) return ok("workerd", stdout.trim().replace(/^workerd /, ""));
  return mend(
    "workerd",
    `does not run: ${stderr.trim().split("\n")[0]}`,
    "use Linux with glibc, or macOS, on x64 or arm64",
  );
}

/** By what those said who were asked before. */
export function clock({ clocks, asked }) {
  if (clocks.length === 0 && asked.size > 0)
    return note("clock", `not compared: ${[...asked].join(" and ")} answered without the time`);
  if (clocks.length === 0) return note("clock", "not compared: nobody was asked");
  const { host, aheadMs } = clocks.reduce((worst, one) =>
    Math.abs(one.aheadMs) > Math.abs(worst.aheadMs) ? one : worst,
  );
  if (Math.abs(aheadMs) <= CLOCK_MS_MAX) return ok("clock", `agrees with ${host}`);
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const apart = `${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} ${host}`;
  return mend("clock", apart, "sudo timedatectl set-ntp true (macOS: sudo sntp -sS time.apple.com)");
}
