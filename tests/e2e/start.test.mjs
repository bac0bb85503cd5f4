// `npm start`, as a newcomer types it: it answers, takes the shell's variables, and ends with everything that it
// started, whatever ends it and with the status that says why.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { family } from "../../scripts/lib/processes.mjs";
import { fromShell } from "../../scripts/lib/variables.mjs";
import { assertDoorAnswers } from "./support/door.mjs";
import { eventually } from "./support/eventually.mjs";
import { freePort } from "./support/ports.mjs";

/** With what a shell or a dotenv file could take for something else. */
const TOKEN = "it-is-$HOME-0123456789abcdef";
const NPM = ["npm", "start", "--"];
const NODE = ["node", "scripts/start.mjs"];
/** Loose, because the machine may be busy: each took under 5 s here. Without an end they would wait for ever. */
const ENDS_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 120_000;

const root = fileURLToPath(new URL("../..", import.meta.url));
const starts = [];
const folder = mkdtempSync(path.join(os.tmpdir(), "start-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test.afterEach(async () => {
  for (const started of starts.splice(0)) {
    // Only what a failed test has left.
    for (const { pid } of await family(started.pid)) kill(pid, "SIGKILL");
  }
});

test("npm start serves the development environment, and SIGINT ends it", { timeout: 180_000 }, async () => {
  const port = await freePort();
  const server = start(NPM, ["--port", String(port)], { API_TOKENS: `alice:${TOKEN}` });
  await ready(server);
  assert.equal((await fetch(`http://localhost:${port}/health`)).status, 200);
  assert.match(server.output(), new RegExp(`curl http://localhost:${port}`));
  assert.equal(await statusOfWorkflow(port, {}), 401, "the shell's API_TOKENS reached the worker");
  assert.equal(await statusOfWorkflow(port, { authorization: `Bearer ${TOKEN}` }), 404);
  await assertDoorAnswers(`http://localhost:${port}`, { authorization: `Bearer ${TOKEN}` });
  assert.ok(
    !execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(TOKEN),
    "no secret in the process list",
  );
  await endsBy("SIGINT", server, port);
});

test("npm start ends by SIGTERM, and with a second start says who has the port", { timeout: 300_000 }, async () => {
  const port = await freePort();
  const server = start(NPM, [`--port=${port}`]);
  await ready(server);
  const second = start(NPM, ["--port", String(port)]);
  assert.deepEqual(await exitOf(second), [1, null], second.output());
  const [, holder, its, starter] =
    /port \d+ is in use by process (\d+) \((.*)\), which another start began, process (\d+) \(/.exec(second.output()) ??
    assert.fail(second.output());
  assert.match(its, /workerd/);
  const members = await family(server.pid);
  for (const pid of [holder, starter])
    assert.ok(
      members.some((one) => one.pid === Number(pid)),
      second.output(),
    );
  const another = `npm start -- --port ${port + 1} --persist-to .wrangler/state-${port + 1}`;
  assert.match(second.output(), new RegExp(`kill ${starter}\\).*take another port: ${another}\n`));
  assert.doesNotMatch(second.output(), /Ready on/);
  await endsBy("SIGTERM", server, port);
});

test("of two starts in the same moment one serves, and the other ends and says who has the port", {
  timeout: 300_000,
}, async () => {
  const port = await freePort();
  const both = [1, 2].map(() => start(NODE, ["--port", String(port)]));
  const loser = await Promise.race(both.map(async (one) => [await exitOf(one), one]));
  const [exit, ended] = loser;
  assert.deepEqual(exit, [1, null], ended.output());
  assert.match(ended.output(), /error: port \d+ is in use by process \d+/);
  assert.doesNotMatch(ended.output(), /Ready on/);
  const [winner] = both.filter((one) => one !== ended);
  await ready(winner);
  await endsBy("SIGHUP", winner, port);
});

test("a second start on the same state is refused, with the process that has it, until that has ended", {
  timeout: 300_000,
}, async () => {
  const state = mkdtempSync(path.join(folder, "state-"));
  const on = async () => ["--port", String(await freePort()), "--persist-to", state];
  const first = start(NODE, await on());
  await ready(first);
  const args = await on();
  const second = start(NODE, args);
  assert.deepEqual(await exitOf(second), [1, null], second.output());
  const words = `error: another start, process ${first.pid}, serves the workflows in .*`;
  const other = `npm start -- --port ${args[1]} --persist-to .wrangler/state-${args[1]}`;
  const remedy = `End it \\(kill ${first.pid}\\), or .* ${other}\n`;
  assert.match(second.output(), new RegExp(words + remedy));
  // However it ends.
  const members = await family(first.pid);
  kill(first.pid, "SIGKILL");
  await first.exit;
  for (const { pid } of members) kill(pid, "SIGKILL");
  const third = start(NODE, args);
  await ready(third);
  await endsBy("SIGTERM", third, Number(args[1]));
});

test("a port that somebody else has is named with its process", { timeout: 60_000 }, async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = /** @type {net.AddressInfo} */ (other.address());
  const refused = start(NODE, ["--port", String(port)]);
  assert.deepEqual(await exitOf(refused), [1, null], refused.output());
  const expected = new RegExp(`error: port ${port} is in use by process ${process.pid} \\(.*\\)\\. End it`);
  assert.match(refused.output(), expected);
  other.close();
});

for (const [what, args, words] of [
  ["does not know a flag", ["--bogus-flag"], /Unknown arguments?: .*bogus/],
  ["has not the address", ["--ip", "203.0.113.1"], /EADDRNOTAVAIL|not available/],
  ["refuses a value", ["--local-protocol=gopher"], /Invalid values|gopher/],
]) {
  test(`where wrangler ${what}, npm start ends with status 1 and wrangler's words`, { timeout: 120_000 }, async () => {
    const port = await freePort();
    const failed = start(NODE, ["--port", String(port), ...args], { API_TOKENS: `alice:${TOKEN}` });
    assert.deepEqual(await exitOf(failed), [1, null], failed.output());
    assert.match(failed.output(), words);
    assert.doesNotMatch(failed.output(), /Ready on/);
  });
}

for (const args of [["--port", "9000"], ["--port=9000"]]) {
  test(`npm start ${args.join(" ")}, without "--", says how to write it`, { timeout: 60_000 }, async () => {
    const refused = start(["npm", "start"], args);
    assert.deepEqual(await exitOf(refused), [1, null], refused.output());
    assert.match(refused.output(), /error: npm took --port.* for itself\. Write: npm start -- --port[ =]9000\n/);
  });
}

test("npm start is refused where others could reach a server without tokens", { timeout: 60_000 }, async () => {
  const refused = start(NODE, ["--port", String(await freePort()), "--ip=0.0.0.0"]);
  assert.deepEqual(await exitOf(refused), [1, null], refused.output());
  assert.match(refused.output(), /error: with --ip 0\.0\.0\.0 others can reach the server.*API_TOKENS=/);
});

test("with a wrong variable npm start says so once, and ends with status 1", { timeout: 180_000 }, async () => {
  const port = await freePort();
  const failed = start(NODE, ["--port", String(port)], { HEARTBEAT_MS: "abc" });
  const members = await familyOnceServing(failed);
  assert.deepEqual(await exitOf(failed), [1, null], failed.output());
  assert.equal(failed.output().match(/^error: the Worker can't start: .*HEARTBEAT_MS/gm)?.length, 1, failed.output());
  assert.ok(failed.output().match(/GET \/health/g)?.length <= 5, `the log is not flooded: ${failed.output()}`);
  await gone(members, port);
});

for (const which of ["inner", "outer"]) {
  test(`wrangler's ${which} process killed is not success, and its processes go too`, {
    timeout: 180_000,
  }, async () => {
    const port = await freePort();
    const server = start(NODE, ["--port", String(port)]);
    await ready(server);
    const members = await family(server.pid);
    const [outer, inner] = members.filter(({ args }) => / dev --env development /.test(args));
    assert.equal(inner.parent, outer.pid, JSON.stringify(members));
    kill((which === "inner" ? inner : outer).pid, "SIGKILL");
    assert.deepEqual(await exitOf(server), [128 + 9, null], server.output());
    assert.match(server.output(), /error: wrangler ended by itself/);
    await gone(members, port);
  });
}

function start(command, args, variables = {}) {
  const [program, ...before] = command;
  // A folder of its own each, because several run at once here, and the developer's may run too.
  const serves = [NPM, NODE].includes(command) && !args.includes("--persist-to");
  const own = serves ? ["--persist-to", mkdtempSync(path.join(folder, "state-"))] : [];
  const dropped = ["npm_lifecycle_event", "NODE_TEST_CONTEXT", ...fromShell()];
  const env = Object.fromEntries(
    Object.entries({ ...process.env }).filter(
      ([name]) => !dropped.includes(name) && !/^npm_config_(?!registry|cache|userconfig)/.test(name),
    ),
  );
  const child = spawn(program, [...before, ...args, ...own], {
    cwd: root,
    env: { ...env, ...variables },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  const started = { pid: child.pid, output: () => output, exit: once(child, "exit"), child };
  starts.push(started);
  return started;
}

/** `[code, signal]`, once everything is printed. */
async function exitOf({ child, exit, output }) {
  const ended = await Promise.race([exit, sleep(ENDS_WITHIN_MS, null, { ref: false })]);
  if (!ended) assert.fail(`it does not end:\n${output()}`);
  if (!child.stdout.closed) await Promise.race([once(child, "close"), sleep(1_000, null, { ref: false })]);
  return ended;
}

async function ready({ child, output }) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!output().includes("Ctrl+C ends it")) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) assert.fail(`it ${ended ? "ended" : "is not"} ready:\n${output()}`);
    await sleep(50);
  }
}

/** The processes of a start that is about to end by itself, seen once wrangler runs. */
async function familyOnceServing({ pid, child }) {
  for (;;) {
    const members = await family(pid);
    if (members.some(({ args }) => args.includes("workerd serve")) || child.exitCode !== null) return members;
    await sleep(20);
  }
}

/** The signal to the outermost process alone ends all of them, and that one by the signal. */
async function endsBy(signal, server, port) {
  const members = await family(server.pid);
  assert.ok(members.length >= 3, "the start, wrangler, workerd");
  kill(server.pid, signal);
  assert.deepEqual(await exitOf(server), [null, signal], server.output());
  await gone(members, port);
}

/** npm may be gone a moment before the last of them. */
async function gone(members, port) {
  await eventually("no process is left", () => remaining(members).length === 0, ENDS_WITHIN_MS);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`), "the port is free again");
}

function remaining(members) {
  const all = execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 2 ** 26 }).split("\n");
  return members.filter(({ pid, args }) => all.some((line) => line.trim() === `${pid} ${args}`));
}

async function statusOfWorkflow(port, headers) {
  return (await fetch(`http://127.0.0.1:${port}/no-such-workflow`, { headers })).status;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
