// The command line of `npm run demo:crash`, which takes no options.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/demo-crash.mjs", import.meta.url));
const run = (...args) => spawnSync(process.execPath, [SCRIPT, ...args], { encoding: "utf8", timeout: 20_000 });

test("an option that it does not know is refused before anything is built", () => {
  const { status, stdout, stderr } = run("--port", "8797");
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /takes no --port\./);
});

test("--help says what it does", () => {
  const { status, stdout } = run("--help");
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: npm run demo:crash/);
});
