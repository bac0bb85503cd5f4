// The package on a machine without Rust: npx starts it from an empty folder, it answers, asks and deploys, and leaves
// no process behind. Its PATH holds a handful of programs, its HOME is empty; only npm's downloads and the Node of the
// set-up are kept.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { which } from "../../scripts/lib/exec.mjs";
import { root, toolsCache } from "../../scripts/lib/paths.mjs";
import { family } from "../../scripts/lib/processes.mjs";
import { fromShell } from "../../scripts/lib/variables.mjs";
import { pack } from "../../scripts/package/stage.mjs";
import { assertDoorAnswers } from "./support/door.mjs";
import { freePort } from "./support/ports.mjs";

const ANSWER_WITHIN_MS = 30_000;
/** Loose: 11 s here, of which npm took 8. */
const READY_WITHIN_MS = 120_000;
const TOKEN = "it-is-$HOME-0123456789abcdef";
const PROGRAMS = ["node", "npm", "npx", "sh", "env", "ps", "uname"];

const machine = mkdtempSync(path.join(tmpdir(), "orchestrator-package-"));
const running = [];
after(() => {
  for (const { kill } of running) kill();
  rmSync(machine, { recursive: true, force: true });
});
const inMachine = (...parts) => path.join(machine, ...parts);
for (const folder of ["bin", "home", "cache", "work"]) mkdirSync(inMachine(folder));
const env = bareEnvironment();
const tarball = await pack(inMachine("work"), process.env);

test("the tarball holds what is built and no source", () => {
  const names = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  for (const name of [
    "build/bundle/main.js",
    "build/bundle/doors.js",
    "build/bundle/index_bg.wasm",
    "build/console/index.html",
    "wrangler.toml",
    "README.md",
    "docs/api.md",
    "docs/connect.md",
    "LICENSE",
    "client/index.js",
    "client/index.d.ts",
  ])
    assert.ok(names.includes(`package/${name}`), name);
  assert.deepEqual(
    names.filter((name) => /\.rs$|Cargo|node_modules|crash|\.map$/.test(name)),
    [],
  );
});

test("a TypeScript program of the reader is checked against the client of the tarball", { timeout: 60_000 }, () => {
  const program = inMachine("typed");
  mkdirSync(path.join(program, "node_modules/orchestrator-workers"), { recursive: true });
  const target = path.join(program, "node_modules/orchestrator-workers");
  execFileSync("tar", ["xzf", tarball, "--strip-components=1", "-C", target]);
  copyFileSync(path.join(root, "tests/fixtures/client-program.ts"), path.join(program, "program.ts"));
  writeFileSync(path.join(program, "package.json"), '{ "type": "module" }');
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const checked = (...flags) => {
    const args = [tsc, "--noEmit", "--strict", ...flags, "program.ts"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: program, encoding: "utf8" });
    assert.equal(stdout, "");
  };
  // As a bundler finds it for a browser, and as Node does.
  checked("--target", "es2022", "--lib", "es2022,dom", "--module", "esnext", "--moduleResolution", "bundler");
  const ofNode = ["--types", "node", "--typeRoots", path.join(root, "node_modules/@types"), "--skipLibCheck"];
  checked("--target", "es2022", "--lib", "es2022", "--module", "nodenext", ...ofNode);
  execFileSync(
    process.execPath,
    ["-e", 'import("orchestrator-workers/client").then((m) => m.OrchestratorClient.name)'],
    {
      cwd: program,
    },
  );
});

// First of those that serve, because what npx has installed is kept.
test("npx serves from an empty home: the first answer", { timeout: 180_000 }, async (context) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const began = Date.now();
  const server = npx(["serve", "--data", "served", "--port", String(port)]);
  await ready(server, url);
  const [, curl] = /A first request:\n\n([\s\S]*?)\n\n/.exec(server.output());
  const answer = execFileSync("sh", ["-c", curl], {
    cwd: inMachine("work"),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const took = Date.now() - began;
  context.diagnostic(`figure: npx serve, from an empty home to the first answer: ${(took / 1000).toFixed(1)} s`);
  assert.match(answer, /^Demo: no language model was called\./);
  assert.ok(took < ANSWER_WITHIN_MS, `answered after ${took} ms`);
  await endsWhole(server, url, -server.pid, "SIGINT");
});

test("npx starts it, and it answers, asks and deploys; Ctrl+C ends all of it", {
  timeout: 180_000,
}, async (context) => {
  assert.equal(which("cargo", env), null);
  writeFileSync(inMachine("work/.dev.vars"), `API_TOKENS='alice:${TOKEN}'\n`);
  await serving(async (server, url, took) => {
    const own = Number(/Ready on .* after ([\d.]+) s/.exec(server.output())[1]);
    context.diagnostic(
      `figure: npx to ready: ${(took / 1000).toFixed(1)} s, of which the program itself took ${own.toFixed(1)} s`,
    );
    assert.ok(took < READY_WITHIN_MS, `ready after ${took} ms`);
    await answers(url);
    await Promise.all([asks(url), bridges(url), deploys(), helps()]);
    assert.doesNotMatch(server.output(), /npm (start|run)/);
    // A terminal sends it to every process of the foreground.
    await endsWhole(server, url, -server.pid, "SIGINT");
  });
});

test("a second start finds the workflows of the first, and ends with npx", { timeout: 120_000 }, async () => {
  await serving(async (server, url) => {
    const { status } = await (await fetch(`${url}/first`, { headers: { authorization: `Bearer ${TOKEN}` } })).json();
    assert.equal(status.status, "complete");
    assert.ok(existsSync(inMachine("work/.wrangler/state/v3")), "they are kept in the reader's folder");
    await endsWhole(server, url, server.pid, "SIGTERM");
  });
  const left = readdirSync(inMachine("work/.wrangler")).filter((name) => name.endsWith(".env"));
  assert.deepEqual(left, [], "no file with secrets is left");
});

/** Starts a server, and calls `work(server, url, took)` once it is ready. */
async function serving(work) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const started = Date.now();
  const server = npx(["--port", String(port)], { DEMO_SPEED: "0" });
  try {
    await ready(server, url);
    await work(server, url, Date.now() - started);
  } catch (error) {
    error.message += `\n${server.output()}`;
    throw error;
  }
}

async function answers(url) {
  const authorization = `Bearer ${TOKEN}`;
  assert.equal((await fetch(`${url}/no-such-workflow`)).status, 401, ".dev.vars of the folder reached the worker");
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=30", authorization },
    body: JSON.stringify({ id: "first", prompt: "- Find a venue\n- Draft a schedule" }),
  });
  const { details } = await response.json();
  assert.deepEqual([response.status, details.status, details.provider], [200, "complete", "demo"]);
  await assertDoorAnswers(url, { authorization });
  const page = await (await fetch(url, { headers: { accept: "text/html" } })).text();
  const [script] = /assets\/console\.js\?v=[0-9a-f]{8}/.exec(page);
  assert.equal((await fetch(`${url}/${script}`)).status, 200, "the console is served");
}

async function asks(url) {
  const asking = npx(["ask", "--url", url, "- Find a venue\n- Draft a schedule"], { ORCHESTRATOR_TOKEN: TOKEN });
  assert.equal(await asking.exit, 0, asking.output());
  assert.match(asking.stdout(), /^Demo: no language model was called\./);
}

/** What an MCP client that starts a program gets on stdout: the protocol and nothing else. */
async function bridges(url) {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  writeFileSync(inMachine("work/line"), `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
  const line = `npx --yes ./${path.basename(tarball)} mcp --url ${url} < line`;
  const bridge = program("sh", ["-c", line], { ORCHESTRATOR_TOKEN: TOKEN });
  assert.equal(await bridge.exit, 0, bridge.output());
  const [answer, ...more] = bridge.stdout().trimEnd().split("\n");
  assert.equal(JSON.parse(answer).result.serverInfo.name, "orchestrator-workers");
  assert.deepEqual(more, []);
}

async function deploys() {
  for (const [environment, bindings] of [
    ["production", ["env.AI", '"production"', '"workers-ai"']],
    ["staging", ["env.AI", '"staging"', '"workers-ai"']],
    ["development", ['"development"', '"demo"']],
  ]) {
    const deploying = installed(["deploy", environment, "--dry-run"]);
    assert.equal(await deploying.exit, 0, deploying.output());
    for (const binding of [...bindings, "env.ORCHESTRATOR_WORKERS_WORKFLOW", "env.ASSETS", "index_bg.wasm", "doors.js"])
      assert.ok(deploying.output().includes(binding), `${environment}: ${binding}\n${deploying.output()}`);
  }
}

async function helps() {
  const help = installed(["--help"]);
  assert.equal(await help.exit, 0);
  assert.match(help.stdout(), /npx .*orchestrator-workers-\d+\.\d+\.\d+\.tgz \[command\]/);
  assert.doesNotMatch(help.stdout(), /npm (start|run)/);
  const helpOfAsk = installed(["ask", "--help"]);
  assert.equal(await helpOfAsk.exit, 0);
  assert.doesNotMatch(helpOfAsk.stdout(), /npm (start|run)/);
  const helpOfServe = installed(["serve", "--help"]);
  assert.equal(await helpOfServe.exit, 0);
  assert.match(helpOfServe.stdout(), /ends with 9 where it can't, but in:\n +node -- \S+\/orchestrator-workers serve/);
  const withDashes = program("node", ["--", installedProgram(), "serve", "--env-file", "no.env"]);
  assert.equal(await withDashes.exit, 78, withDashes.output());
  assert.match(withDashes.output(), /error: --env-file .*no\.env can't be read/);
  assert.equal(await installed(["serve", "--env-file", "no.env"]).exit, 9, "Node's own");
  const version = installed(["--version"]);
  assert.equal(await version.exit, 0);
  assert.ok(path.basename(tarball).endsWith(`-${version.stdout().trim()}.tgz`), version.stdout());
  const unknown = installed(["destroy"]);
  assert.equal(await unknown.exit, 1);
  assert.match(unknown.output(), /there is no command destroy\. Try: npx .* --help/);
  const nowhere = installed(["deploy", "moon", "--dry-run"]);
  assert.equal(await nowhere.exit, 1);
  assert.match(nowhere.output(), /only production, staging, development/);
  const wrangler = installed(["wrangler", "secret", "put", "--help"]);
  assert.equal(await wrangler.exit, 0, wrangler.output());
  assert.match(wrangler.stdout(), /wrangler secret put <key>/);
}

/** After a signal to the process or, where `target` is negative, the group. */
async function endsWhole(server, url, target, signal) {
  const members = await family(server.pid);
  assert.ok(members.length >= 3, "npx, the program, wrangler");
  process.kill(target, signal);
  assert.notEqual(await Promise.race([server.exit, sleep(20_000, "no end", { ref: false })]), "no end");
  for (let i = 0; i < 100 && alive(members).length > 0; i++) await sleep(100);
  assert.deepEqual(alive(members), [], "no process is left");
  await assert.rejects(fetch(`${url}/health`), "the port is free again");
}

function alive(members) {
  const all = execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 2 ** 26 }).split("\n");
  return members.filter(({ pid, args }) => all.some((line) => line.trim() === `${pid} ${args}`));
}

/** As a reader types it, who has it in the present folder. */
function npx(args, variables) {
  return program("npx", ["--yes", `./${path.basename(tarball)}`, ...args], variables);
}

/** The program that npx has installed: quicker than npx itself. */
const installed = (args) => program(installedProgram(), args);

function installedProgram() {
  const [folder] = readdirSync(inMachine("cache/_npx"));
  return inMachine("cache/_npx", folder, "node_modules/.bin/orchestrator-workers");
}

function program(command, args, variables = {}) {
  const child = spawn(command, args, {
    cwd: inMachine("work"),
    env: { ...env, ...variables },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, all] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (all += chunk));
  const started = {
    pid: child.pid,
    exit: once(child, "close").then(([code]) => code),
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stdout: () => stdout,
    output: () => all,
    kill() {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The whole group has ended.
      }
    },
  };
  running.push(started);
  return started;
}

async function ready(server, url) {
  while (!server.output().includes("Ctrl+C ends it")) {
    if (server.ended()) throw new Error("it ended before it was ready");
    await sleep(50);
  }
  assert.equal((await fetch(`${url}/health`)).status, 200);
}

/**
 * The reader's machine: the Node that it has, and neither Rust nor anything of this project but what set-up downloaded.
 */
function bareEnvironment() {
  const ours = (folder) => folder.startsWith(root) || folder.startsWith(toolsCache);
  const PATH = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => !ours(folder))
    .join(path.delimiter);
  for (const program of PROGRAMS) {
    const found = which(program, { PATH });
    if (found) symlinkSync(found, inMachine("bin", program));
  }
  const npm = (setting) =>
    execFileSync("npm", ["config", "get", setting], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const downloads = path.join(npm("cache"), "_cacache");
  if (existsSync(downloads)) symlinkSync(downloads, inMachine("cache/_cacache"));
  const dropped = new Set(["INIT_CWD", "NODE_TEST_CONTEXT", "NODE_OPTIONS", ...fromShell()]);
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !dropped.has(name) &&
      !/^(CARGO|RUST)/.test(name) &&
      (!/^npm_/i.test(name) || /^npm_config_registry$/i.test(name)),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: inMachine("bin"),
    HOME: inMachine("home"),
    XDG_CACHE_HOME: path.dirname(toolsCache),
    npm_config_cache: inMachine("cache"),
    npm_config_userconfig: npm("userconfig"),
  };
}
