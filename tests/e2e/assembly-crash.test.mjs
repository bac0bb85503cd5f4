// kill -9 while the editor writes, at many moments: the parts are not written again, the answer is right whatever the
// moment, and every reader ends with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { around, contract, edit, editor, partOf } from "./emulators/answers.mjs";
import { text } from "./emulators/scripts.mjs";
import { answerOf, readAll } from "./support/answers.mjs";
import { assertSound, journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const worker = await startWithOpenai();
const { api, emulator } = worker;
const TASKS = ["t1", "t2", "t3", "t4"];
const WORDS = "Some words of the editor's around the parts.";
const part = (id) => partOf(id, 150);

/** Its editor's first script has an edit that the repair mends. */
function makeWorkflow() {
  return emulator.workflow((call) => {
    if (call.step === "plan") return contract(TASKS);
    if (call.step === "subtask") return text(part(call.task));
    if (call.kind === "edit-repair") return text(edit("t3", "end of t3.1.", "The end."), { pauseMs: 40 });
    const edits = [edit("t1", "end of t1.1.", "Its end."), edit("t3", "no such words", "The end.")];
    return editor(call, { edits, answer: around(call, WORDS) }, { pauseMs: 15 });
  });
}

const EXPECTED = TASKS.map((id) => `${WORDS} (${id})\n\n${part(id)}`)
  .join("\n\n")
  .replace("end of t1.1.", "Its end.")
  .replace("end of t3.1.", "The end.");

const writing = (kind, frames) => (workflow) =>
  workflow.calls("edit").some((call) => call.kind === kind && call.closedAt === null && call.frames >= frames);

for (const [moment, reached] of [
  ["before its first edit is whole", writing("edit", 3)],
  ["in its edits", writing("edit", 15)],
  ["in its first words", writing("edit", 40)],
  ["among its includes", writing("edit", 55)],
  ["in the repair of an edit", writing("edit-repair", 4)],
])
  test(`killed while the editor writes, ${moment}`, { timeout: 60_000 }, async () => {
    const workflow = makeWorkflow();
    const id = await api.submit(workflow.prompt());
    const cutOff = readAll(api, id).catch(() => []);
    await eventually(`the editor is ${moment}`, () => reached(workflow), 30_000);
    await worker.crash();
    await cutOff;
    const frames = await readAll(api, id);
    const status = await api.reach(id, "complete", 30_000);
    assert.equal(status.output.finalResult.trimEnd(), EXPECTED);
    assert.equal(answerOf(frames, { repeated: true }), status.output.finalResult);
    assert.deepEqual(status.warnings, []);
    assert.deepEqual([workflow.count("plan"), workflow.count("subtask")], [1, TASKS.length]);
    assert.ok(workflow.count("edit") <= 3, `${workflow.count("edit")} calls of the editor`);
    const events = await journalOf(api, id);
    assert.deepEqual([...assertSound(events)], []);
    assert.equal(events.filter(({ type }) => type === "answer_assembled").length, 1);
    // The same for whoever comes after the end, and after another crash.
    await worker.crash();
    assert.equal(answerOf(await readAll(api, id)), status.output.finalResult);
    assert.equal((await api.status(id)).output.finalResult, status.output.finalResult);
  });
