// Running other programs.

import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";
import { Problem } from "./say.mjs";

/** Runs a program to its end with our terminal; resolves to its exit code (128 + n for a signal). */
export function run(command, args, { env = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}

/** Like `run`, and keeps what it printed on its standard output: `{ code, stdout }`. */
export function runAndRead(command, args, { env = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["inherit", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
      process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? (signal ? 130 : 1), stdout }));
  });
}

/**
 * Runs a program and keeps its output: `{ code, stdout, stderr }`. Never throws: a program that is not there has code
 * 127. `input` is what it reads; `timeout`, in milliseconds, ends it.
 */
export function capture(
  command,
  args,
  { env = process.env, cwd = root, detached = false, input = "", timeout = undefined } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, detached, timeout, stdio: ["pipe", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    child.on("error", (error) => resolve({ code: 127, ...output, stderr: String(error) }));
    // Where too many files are open there are no streams.
    if (!child.stdin) return;
    // It may end without having read.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.stdout.on("data", (chunk) => (output.stdout += chunk));
    child.stderr.on("data", (chunk) => (output.stderr += chunk));
    child.on("close", (code) => resolve({ code: code ?? 1, ...output }));
  });
}

/** Runs a program quietly; where it fails, a `Problem` shows its output. Returns what it printed. */
export async function quietly(command, args, options) {
  const { code, stdout, stderr } = await capture(command, args, options);
  if (code === 0) return stdout;
  const tail = shortened(`${stdout}\n${stderr}`.trim().split("\n")).join("\n");
  throw new Problem(`${[path.basename(command), ...args].join(" ")} failed (exit code ${code}):\n${tail}`);
}

/** The first lines, which name the error where a usage text follows, and the last. */
function shortened(lines) {
  return lines.length > 40 ? [...lines.slice(0, 10), "...", ...lines.slice(-25)] : lines;
}

/** The path of a program in `PATH`, or null. */
export function which(program, env = process.env) {
  for (const folder of (env.PATH ?? "").split(path.delimiter)) {
    const candidate = path.join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** True where version `a` ("22.12.0") is at least `b`. */
export function atLeast(a, b) {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).slice(0, 3).map(Number));
  for (let i = 0; i < 3; i++) if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) > (right[i] ?? 0);
  return true;
}
