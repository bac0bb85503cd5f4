// The examples of README and docs/, run as they stand against the built Worker, and their answers compared with those
// that are printed there. The tables are in tests/scripts/docs.test.mjs.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { which } from "../../scripts/lib/exec.mjs";
import { eventually } from "./support/eventually.mjs";
import { blocksOf, read } from "./support/pages.mjs";
import { startForFile } from "./support/worker.mjs";

/** Half of the demo's pace: slow enough to be seen running. */
const worker = await startForFile({ vars: { DEMO_SPEED: "0.5" } });
const local = new URL(worker.url).host;
const API = read("docs/api.md");

/** Runs a command of a page; what it prints. */
async function sh(command) {
  const { stdout } = await promisify(execFile)("sh", ["-c", command.replaceAll("localhost:8787", local)]);
  return stdout;
}

const noJq = which("jq") === null && !process.env.CI && "there is no jq";

// At once, because most of it is waiting.
describe("the examples", { concurrency: true }, () => {
  test("README's curl gets the answer that README shows", async () => {
    const blocks = blocksOf(read("README.md"));
    const at = blocks.findIndex(({ code }) => code.startsWith("curl localhost:8787"));
    const [command, shown] = [blocks[at].code, blocks[at + 1].code].map((code) => code.trim());
    const steady = (text) => text.replaceAll(/\d+\.\d s/g, "N s");
    const answer = steady(await sh(`${command} -s`));
    let from = 0;
    const pieces = shown.split("\n\n[...]\n\n").map(steady);
    assert.equal(pieces.length, 2);
    assert.ok(answer.startsWith(pieces[0]), answer);
    for (const piece of pieces) {
      const found = answer.indexOf(piece, from);
      assert.ok(found >= 0, `the answer does not have\n\n${piece}\n\nbut is\n\n${answer}`);
      from = found + piece.length;
    }
  });

  test("the terminal of docs/api.md shows what the API answers", { skip: noJq }, async () => {
    const terminals = blocksOf(API).filter(({ language }) => language === "console");
    const dialogues = terminals.map(({ code }) => dialogueOf(code));
    assert.equal(dialogues.flat().length, 5);
    // Which of the subtasks are done is a matter of the moment.
    const steady = (text) =>
      text
        .trim()
        .replaceAll(/\t(complete|running|pending)\b/g, "\tSTATE")
        .replaceAll(/\t+$/gm, "");
    // Each waits until the moment is there.
    const follow = async (dialogue) => {
      for (const { command, output } of dialogue) {
        let printed = "";
        const isShown = async () => {
          printed = steady(await sh(command));
          return printed === steady(output);
        };
        await eventually(command, isShown).catch(() => assert.equal(printed, steady(output), command));
      }
    };
    await Promise.all(dialogues.map(follow));
  });

  test("every curl of docs/api.md is one that the API knows", async () => {
    const lines = blocksOf(API)
      .filter(({ language }) => language === "sh")
      .flatMap(({ code }) => code.replaceAll("\\\n", " ").split("\n"))
      .filter((line) => line.startsWith("curl "))
      .map((line) => line.replace(/ +# .*$/, ""));
    assert.ok(lines.length > 15, `${lines.length} lines`);
    // Each has a workflow of its own, because a control ends or deletes it.
    const tried = lines.map(async (line, n) => {
      const named = /\/workflows\/(db|trip)/.exec(line)?.[1];
      if (named) await submit(`${named}-${n}`, named === "trip" ? { approval: "plan" } : {});
      const command = line.replace(`/workflows/${named}`, `/workflows/${named}-${n}`);
      const status = Number(await sh(`${command} -s -o /dev/null -w '%{http_code}'`));
      // 409: not in this status of the workflow.
      assert.ok([200, 202, 204, 409].includes(status), `${status}: ${line}`);
    });
    await Promise.all(tried);
  });
});

/** `{ command, output }` of a block of a terminal. */
function dialogueOf(code) {
  return code
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const lines = part.trimEnd().split("\n");
      const last = lines.findIndex((line) => !line.endsWith("\\"));
      return { command: lines.slice(0, last + 1).join("\n"), output: lines.slice(last + 1).join("\n") };
    });
}

async function submit(id, options) {
  const body = { id, prompt: "Name three rivers; name three lakes", tasks: ["Three rivers", "Three lakes"], options };
  assert.equal((await worker.api.post("/workflows", body)).status, 202);
}
