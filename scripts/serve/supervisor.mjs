// Keeps one workerd running: starts it, starts it again where it ends or falls silent, and ends it gracefully.

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { exitStatus } from "../lib/processes.mjs";
import { Problem, say } from "../lib/say.mjs";
import { eachLine, log, passOn } from "./logs.mjs";

const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 10_000;
/** A workerd that ran for so long was sound: the next pause is the shortest again. */
const SOUND_MS = 1_000;
/** Ends in a row before it was ever ready: it can't start here. */
const STARTS_MAX = 5;
/** How often it is asked whether it is alive, and how long it may take to answer. */
const LOOK_MS = 10_000;
/** How often in a row it may fail to. */
const MISSES_MAX = 3;
const WORDS_MAX = 5;
/** Signals that come together are one. */
const SAME_MS = 1_000;
/** How long it may take to hear that it is to end. */
const DRAIN_MS_MAX = 2_000;
/** How often it is asked whether requests are left without an answer. */
const DRAIN_EVERY_MS = 100;

export class Supervisor {
  #child = null;
  /** When it was asked to end; 0 before. */
  #ending = 0;
  #wasReady = false;
  /** Whether the present workerd came to listen. */
  #isUp = false;
  #exitStatus = 0;
  #words = [];
  #wake = () => {};

  /**
   * `command(port)`: workerd and its arguments, with `--control-fd=3`. `port`: 0 for a free one, which it then keeps.
   * `env`: its environment. `control`: the path of the socket of its entrypoint Control. `onReady({ port, clusterPort,
   * signal })` is called each time that it listens, with a signal of its end. `problem(words)`: what to say where it
   * does not start. `answersMs`: how long it waits for answers before it tells workerd to end, which then takes no more
   * connections. `lookMs`: for tests.
   */
  constructor({ command, port, env, control, onReady, answersMs = 0, problem = doesNotStart, lookMs = LOOK_MS }) {
    this.command = command;
    this.port = port;
    this.env = env;
    this.control = control;
    this.onReady = onReady;
    this.answersMs = answersMs;
    this.problem = problem;
    this.lookMs = lookMs;
    // Whatever ends us, nobody would watch over it.
    process.on("exit", () => this.#child?.kill("SIGKILL"));
  }

  /** Whether it was asked to end. */
  get isEnding() {
    return this.#ending > 0;
  }

  /** Resolves to the exit status once it was asked to end. A Problem where it can't start. */
  async run() {
    let pause = PAUSE_MS_MIN;
    for (let starts = 1; ; starts++) {
      const began = Date.now();
      this.#isUp = false;
      const status = await this.#once();
      if (this.#ending) return this.#exitStatus;
      if (this.#isUp && Date.now() - began >= SOUND_MS) pause = PAUSE_MS_MIN;
      if (!this.#wasReady && starts >= STARTS_MAX) {
        const message = this.problem(this.#words);
        log("error", "serve_failed", { message });
        throw new Problem(message);
      }
      // Each attempt may take long, such as where a bucket hangs.
      if (!this.#wasReady && starts === 1) say(`not ready yet, and tried again: ${this.problem(this.#words)}`);
      log("error", "workerd_ended", { exit_status: status, restart_in_ms: pause });
      await this.#paused(pause);
      if (this.#ending) return this.#exitStatus;
      pause = Math.min(pause * 2, PAUSE_MS_MAX);
    }
  }

  /**
   * Ends it: event streams are told, requests may end, and after `graceMs` what is left is killed. Asked once more, it
   * kills at once. npm sends a Ctrl+C on to us that we have already. `exitStatus` is that of the whole.
   */
  async end(graceMs, exitStatus = 0) {
    if (this.#ending) return Date.now() - this.#ending > SAME_MS && this.#kill("asked twice");
    this.#ending = Date.now();
    this.#exitStatus = exitStatus;
    this.#wake();
    const child = this.#child;
    if (!child) return;
    log("info", "serve_ending", { grace_ms: graceMs });
    const timer = setTimeout(() => this.#kill("requests did not end in time"), graceMs);
    child.once("exit", () => clearTimeout(timer));
    await this.#drain(Math.min(graceMs, DRAIN_MS_MAX));
    child.kill("SIGTERM");
  }

  /** Nobody sends requests any more, and those that are under way are answered. */
  async #drain(ms) {
    const until = Date.now() + this.answersMs;
    for (;;) {
      const answer = await this.ask("/drain", "", ms);
      const { unanswered } = answer?.status === 200 ? JSON.parse(answer.text) : { unanswered: 0 };
      if (unanswered === 0 || Date.now() >= until || !this.#child) return;
      await sleep(DRAIN_EVERY_MS);
    }
  }

  #kill(reason) {
    if (!this.#child) return;
    log("warn", "workerd_killed", { reason });
    this.#child.kill("SIGKILL");
  }

  /** One life of workerd; resolves to its exit status. */
  #once() {
    const [program, ...args] = this.command(this.port);
    // One that was killed leaves its socket.
    rmSync(this.control, { force: true });
    // In a process group of its own: a Ctrl+C is for us, and we end it in order.
    const child = spawn(program, args, { env: this.env, detached: true, stdio: ["ignore", "pipe", "pipe", "pipe"] });
    this.#child = child;
    const watching = new AbortController();
    const ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.#words = [error.message];
        resolve(1);
      });
      // Not its exit: its last words may follow.
      child.on("close", (code, signal) => resolve(exitStatus(code, signal)));
    });
    // Where too many files are open there are no streams.
    if (child.stdout) this.#follow(child, watching.signal);
    return ended.finally(() => {
      watching.abort();
      this.#child = null;
    });
  }

  #follow(child, signal) {
    passOn(child.stdout, "info");
    passOn(child.stderr, "warn", (line) => {
      this.#words = [...this.#words, line].slice(-WORDS_MAX);
    });
    passOnPorts(child.stdio[3], ({ port, clusterPort }) => {
      this.#wasReady = true;
      this.#isUp = true;
      this.port = port;
      this.onReady({ port, clusterPort, signal });
      this.#watch(signal);
    });
  }

  /** One that answers nothing any more is killed, so that another takes its place. */
  async #watch(signal) {
    for (let misses = 0; misses < MISSES_MAX; ) {
      await sleep(this.lookMs, null, { signal, ref: false }).catch(() => {});
      if (signal.aborted || this.#ending) return;
      misses = (await this.ask("/alive", "", this.lookMs)) ? 0 : misses + 1;
      if (signal.aborted) return;
    }
    this.#kill("it answers nothing any more");
  }

  /** What the entrypoint Control answers, `{ status, text }`, or null where it does not. */
  ask(path, body, timeoutMs) {
    return new Promise((resolve) => {
      const request = http.request({ socketPath: this.control, path, method: "POST", timeout: timeoutMs });
      request.on("timeout", () => request.destroy());
      request.on("error", () => resolve(null));
      request.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.on("close", () => resolve(response.complete ? { status: response.statusCode, text } : null));
      });
      request.end(body);
    });
  }

  /** A pause that `end` cuts short. */
  #paused(ms) {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    return sleep(ms, null, { signal: waking.signal }).catch(() => {});
  }
}

const doesNotStart = (words) => `workerd does not start: ${[...new Set(words)].join("; ")}`;

/** workerd tells on its control descriptor, in lines of JSON, where it listens: for other nodes first. */
export function passOnPorts(stream, told) {
  let clusterPort = null;
  eachLine(stream, (line) => {
    const portOf = (pattern) => Number(new RegExp(`${pattern}.*"port":\\s*(\\d+)`).exec(line)?.[1] ?? Number.NaN);
    const [cluster, port] = [
      portOf('"event":\\s*"listen-cluster"'),
      portOf('"event":\\s*"listen".*"socket":\\s*"http"'),
    ];
    if (cluster >= 0) clusterPort = cluster;
    if (port >= 0) told({ port, clusterPort });
  });
}
