// `serve` as a reader runs it: the command in a process of its own, its log read line by line.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { inRoot } from "../../../scripts/lib/paths.mjs";
import { family } from "../../../scripts/lib/processes.mjs";
import { fromShell } from "../../../scripts/lib/variables.mjs";
import { Api } from "./api.mjs";
import { eventually } from "./eventually.mjs";

const SCRIPT = inRoot("scripts/serve.mjs");

/** A folder that is gone after the tests of the file. Short, because a socket lies in it. */
export function temporaryFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "ow-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The same code as another version, in `folder`: what to run instead of the script. */
export function otherVersion(folder, version) {
  const to = (name) => path.join(folder, name);
  cpSync(inRoot("scripts"), to("scripts"), { recursive: true });
  for (const name of ["build", "client", "node_modules", "wrangler.toml"]) symlinkSync(inRoot(name), to(name));
  const manifest = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  writeFileSync(to("package.json"), JSON.stringify({ ...manifest, version }));
  return to("scripts/package/program.mjs");
}

/** Without the variables of whoever runs the tests. */
function environment(vars) {
  const env = { ...process.env };
  for (const name of [...fromShell(env), "NODE_TEST_CONTEXT"]) delete env[name];
  return { ...env, ...vars };
}

/** Runs a command to its end: `{ status, stdout, stderr }`. */
export async function runCommand(name, args, { vars = {}, cwd } = {}) {
  const child = spawn(process.execPath, [SCRIPT, name, ...args], { env: environment(vars), cwd });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  child.stdin.end();
  const [status] = await once(child, "close");
  return { status, ...output };
}

/** A `serve` that starts, with all its options. */
export const serveAt = (args, vars = {}) => new Server(args, vars, SCRIPT);

/** A `serve` that is ready. It ends with the test that starts it, unless it is `lasting`. */
export async function startServe({ data, vars = {}, args = [], token, lasting = false, script = SCRIPT } = {}) {
  const server = new Server(["--data", data, "--port", "0", ...args], vars, script);
  if (!lasting) after(() => server.kill());
  await server.ready(token);
  return server;
}

class Server {
  /** Of a node of a fleet. */
  name = "";
  #text = "";
  #words = "";

  constructor(args, vars, script) {
    const options = { env: environment(vars), stdio: ["ignore", "pipe", "pipe"] };
    this.child = spawn(process.execPath, [script, "serve", ...args], /** @type {any} */ (options));
    this.child.stdout.setEncoding("utf8").on("data", (chunk) => (this.#text += chunk));
    this.child.stderr.setEncoding("utf8").on("data", (chunk) => (this.#words += chunk));
    this.ended = once(this.child, "close").then(([status, signal]) => status ?? signal);
  }

  /** What it said to a person. */
  get words() {
    return this.#words;
  }

  /** Its log; every line has to be JSON. */
  get log() {
    const lines = this.#text.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  logged(event) {
    return this.log.filter((line) => line.event === event);
  }

  async ready(token) {
    const line = await eventually(
      "serve is ready",
      () => {
        assert.equal(this.child.exitCode, null, this.#words + this.#text);
        return this.logged("serve_ready")[0];
      },
      180_000,
    );
    this.url = `http://127.0.0.1:${line.port}`;
    // It is said a moment later.
    await eventually("its words", () => /Ctrl\+C/.test(this.#words));
    // It is shown at a terminal only.
    const kept = path.join(line.data, "token");
    this.token = token ?? (existsSync(kept) ? readFileSync(kept, "utf8").trim() : undefined);
    this.api = new Api(this.url, this.token);
  }

  /** The process of workerd itself. */
  async workerd() {
    const found = (await family(this.child.pid)).filter(({ args }) => /workerd serve/.test(args));
    return found.at(-1)?.pid;
  }

  /** Ends it as a supervisor of it does; resolves to the exit status. */
  end(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.ended;
  }

  async kill() {
    const workerd = await this.workerd();
    for (const pid of [this.child.pid, workerd]) if (pid) killed(pid);
    await this.ended;
  }
}

export function killed(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
