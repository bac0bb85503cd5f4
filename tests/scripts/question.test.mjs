// Questions on a terminal: a reply, and nobody who replies.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { replyTo } from "../../scripts/lib/question.mjs";

test("every script asks in one place, which knows of Ctrl+C and Ctrl+D", () => {
  const scripts = readdirSync(inRoot("scripts"), { recursive: true }).filter((file) => file.endsWith("js"));
  const asking = scripts.filter((file) => /from "node:readline/.test(readFileSync(inRoot("scripts", file), "utf8")));
  assert.deepEqual(asking, ["lib/question.mjs"]);
});

test("a reply is a line, and the end of input is none", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const first = replyTo("One? ", { input, output });
  input.write("yes\n");
  assert.equal(await first, "yes");
  const second = replyTo("Two? ", { input, output });
  input.end();
  assert.equal(await second, null);
  assert.equal(String(output.read()), "One? Two? \n");
});

test("Ctrl+C is no reply, and the script that asked goes on to its end", async () => {
  const program = `import { replyTo } from ${JSON.stringify(inRoot("scripts/lib/question.mjs"))};
    const reply = await replyTo("Go? ", { input: process.stdin, output: process.stderr });
    process.exitCode = reply === null ? 130 : 0;`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
    if (String(chunk).includes("Go? ")) child.kill("SIGINT");
  });
  const ended = await new Promise((resolve) => child.on("close", (...end) => resolve(end)));
  assert.deepEqual([ended, said], [[130, null], "Go? \n"]);
});
