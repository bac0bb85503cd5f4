// `npm start`, as a newcomer types it: it answers, takes the shell's variables, and leaves no process behind.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./support/ports.mjs";

/** With what a shell or a dotenv file could take for something else. */
const TOKEN = "it-is-$HOME-0123456789abcdef";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("npm start serves the development environment, and SIGINT ends it", { timeout: 180_000 }, async () => {
  const port = await freePort();
  const { npm_lifecycle_event: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const child = spawn("npm", ["start", "--", "--port", String(port)], {
    cwd: root,
    env: { ...env, API_TOKENS: `alice:${TOKEN}` },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  try {
    await waitFor(
      () => output.includes("Ctrl+C ends it"),
      () => child.exitCode !== null,
    );
    assert.equal((await fetch(`http://localhost:${port}/health`)).status, 200);
    assert.match(output, new RegExp(`curl http://localhost:${port}`));
    assert.equal(await statusOfWorkflow(port, {}), 401, "the shell's API_TOKENS reached the worker");
    assert.equal(await statusOfWorkflow(port, { authorization: `Bearer ${TOKEN}` }), 404);
    assert.ok(
      !execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(TOKEN),
      "no secret in the process list",
    );
    process.kill(child.pid, "SIGINT");
    assert.ok(await Promise.race([exit, sleep(20_000, null, { ref: false })]), "npm start ends within 20 s of SIGINT");
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`), "the port is free again");
  } catch (error) {
    error.message += `\n${output}`;
    throw error;
  } finally {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The whole group has ended.
    }
  }
});

async function statusOfWorkflow(port, headers) {
  return (await fetch(`http://127.0.0.1:${port}/no-such-workflow`, { headers })).status;
}

async function waitFor(condition, hopeless) {
  while (!condition()) {
    if (hopeless()) throw new Error("it ended before it was ready");
    await sleep(50);
  }
}
