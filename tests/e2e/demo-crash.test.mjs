// `npm run demo:crash` tells the truth: it ends well, in plain lines where nobody reads them at a terminal.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { account } from "../../scripts/demo-crash/journal.mjs";

const script = fileURLToPath(new URL("../../scripts/demo-crash/show.mjs", import.meta.url));

test("it kills the server in mid fan-out, and ends with no completed call repeated", { timeout: 120_000 }, async () => {
  const env = { ...process.env, DEMO_SPEED: "0.3" };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  assert.equal(code, 0, output);
  assert.match(output, /kill -9 \d+\n/);
  assert.match(output, /started again on the same state folder/);
  assert.match(output, /\ncompleted calls repeated: 0\n$/);
  assert.ok(!output.includes("\u001b"), "plain when piped");
});

test("its count would show a repeated call, a gap and a changed history", () => {
  const started = (seq, step) => ({ seq, type: "attempt_started", step });
  const completed = (seq, step) => ({ seq, type: "attempt_completed", step });
  const before = [started(1, "a"), started(2, "b"), completed(3, "a")];
  const end = { seq: 6, type: "workflow_completed" };
  const good = account(before, [...before, started(4, "b"), completed(5, "b"), end]);
  assert.deepEqual(good, {
    kept: ["a"],
    lost: ["b"],
    repeated: [],
    redone: ["b"],
    intact: true,
    gapless: true,
    complete: true,
  });
  assert.deepEqual(account(before, [...before, started(4, "a"), completed(5, "a"), end]).repeated, ["a"]);
  assert.equal(account(before, [...before, end]).gapless, false);
  assert.equal(account(before, [started(1, "a"), started(2, "b"), started(3, "c")]).intact, false);
});
