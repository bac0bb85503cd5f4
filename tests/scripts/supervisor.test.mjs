// The supervisor of `serve` with a program in place of workerd that never comes to listen.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { processesWith } from "../../scripts/lib/processes.mjs";

/** Longer than a workerd has to live that listened once. */
const LIVES_MS = 1_100;

test("one that never listens is started with growing pauses, however long it lives, and then given up", async () => {
  const script = `
    import { main } from ${JSON.stringify(inRoot("scripts/lib/say.mjs"))};
    import { Supervisor } from ${JSON.stringify(inRoot("scripts/serve/supervisor.mjs"))};
    const words = "console.error('no bucket'); setTimeout(() => process.exit(3), ${LIVES_MS})";
    const command = () => [process.execPath, "-e", words];
    const supervisor = new Supervisor({ command, port: 0, env: {}, control: "/none", onReady() {} });
    await main(() => supervisor.run());
  `;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const { code, stdout, stderr } = await run.catch((error) => error);
  assert.equal(code, 1);
  const ended = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const pauses = ended.filter(({ event }) => event === "workerd_ended").map(({ restart_in_ms: pause }) => pause);
  assert.deepEqual(pauses, [100, 200, 400, 800]);
  // Whoever reads no log is told at once, as each attempt may take long.
  const words = "workerd does not start: no bucket";
  assert.equal(stderr, `not ready yet, and tried again: ${words}\n\nerror: ${words}\n`);
});

test("a process is found by its command line, however narrow the terminal is said to be", async () => {
  const mark = `mark-${process.pid}-${"x".repeat(200)}`;
  const child = execFile(process.execPath, ["-e", "setTimeout(() => {}, 10_000)", mark]);
  const before = process.env.COLUMNS;
  process.env.COLUMNS = "40";
  try {
    assert.deepEqual(
      (await processesWith(mark)).map(({ pid }) => pid),
      [child.pid],
    );
  } finally {
    if (before === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = before;
    child.kill();
  }
});
