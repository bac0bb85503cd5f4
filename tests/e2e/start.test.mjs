// `npm start`, as a newcomer types it: it answers, takes the shell's variables, and leaves no process behind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("npm start serves the development environment, and SIGINT ends it", { timeout: 180_000 }, async () => {
  const port = await freePort();
  const { npm_lifecycle_event: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const child = spawn("npm", ["start", "--", "--port", String(port)], {
    cwd: root,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  try {
    await waitFor(
      () => output.includes("Ctrl+C ends it"),
      () => child.exitCode !== null,
    );
    assert.equal((await fetch(`http://localhost:${port}/health`)).status, 200);
    assert.match(output, new RegExp(`curl http://localhost:${port}`));
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

async function waitFor(condition, hopeless) {
  while (!condition()) {
    if (hopeless()) throw new Error("it ended before it was ready");
    await sleep(50);
  }
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
