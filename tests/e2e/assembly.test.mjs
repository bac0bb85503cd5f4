// Answers that are put together: the parts stand in them as they were written, but for the editor's corrections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { around, contract, edit, editor, insert, partOf, section } from "./emulators/answers.mjs";
import { tokensOf } from "./emulators/play.mjs";
import { held, makeGate, partsOf, text } from "./emulators/scripts.mjs";
import { answerOf, readAll } from "./support/answers.mjs";
import { stepOf } from "./support/api.mjs";
import { journalOf } from "./support/events.mjs";
import { startWithOpenai } from "./support/worker.mjs";

/** Room for twenty long parts at once, and a budget for them. */
const LARGE = { BIG_MODEL_CONTEXT_TOKENS: "400000", SMALL_MODEL_CONTEXT_TOKENS: "64000" };
const BUDGET = { token_budget: 5_000_000 };

const { api, emulator } = await startWithOpenai({ vars: LARGE });

const ids = (count) => Array.from({ length: count }, (_, index) => `t${index + 1}`);
const asked = (call) => call.messages.map((message) => message.content).join("\n");
const inOnePiece = (words) => text(words, { pieces: [words] });
const times = (whole, part) => whole.split(part).length - 1;

/** A plan of `tasks` whose parts go by `part(id)`, and whose editor goes by `edits(call)`. */
function assembled(tasks, part, edits, on = emulator) {
  return on.workflow((call) => {
    if (call.step === "plan") return contract(tasks);
    return call.step === "subtask" ? inOnePiece(part(call.task)) : edits(call);
  });
}

test("an answer of 20 parts of 3,000 words, of which the editor wrote 1,500 tokens, streams from its first include", {
  timeout: 120_000,
}, async (t) => {
  const tasks = ids(20);
  const part = (id) => partOf(id, 3_000, 3);
  const words = "Before you go on, see what comes next and why it matters here. ".repeat(4).trim();
  let script;
  const workflow = assembled(tasks, part, (call) => {
    script = editor(call, { edits: [edit("t7", "end of t7.2.", "END of t7.2.")], answer: around(call, words) });
    // Slow enough that its reader is far ahead of its end.
    return { ...script, pauseMs: 4 };
  });
  const id = await api.submit({ prompt: workflow.prompt(), options: { ...BUDGET, max_subtasks: 20 } });
  let whileWriting = 0;
  const frames = await readAll(api, id, ({ event, data }) => {
    const [editing] = workflow.calls("edit");
    if (event === "answer" && editing?.closedAt === null && !whileWriting && data.text.includes("Section 3 of t1"))
      whileWriting = editing.frames;
    return false;
  });
  const status = await api.status(id);
  const expected = tasks
    .map((task) => `${words} (${task})\n\n${part(task)}`)
    .join("\n\n")
    .replace("end of t7.2.", "END of t7.2.");
  assert.equal(status.output.finalResult.trimEnd(), expected);
  assert.equal(answerOf(frames), status.output.finalResult);
  assert.deepEqual(status.warnings, []);
  const written = tokensOf(script.text);
  t.diagnostic(`figure: ${status.answer.words} words of which the editor wrote ${written} tokens`);
  assert.ok(written > 1_000 && written < 2_000, `${written} tokens`);
  assert.ok(whileWriting > 0, "the first part was there while the editor wrote");
  t.diagnostic(`figure: the first part was there after ${whileWriting} tokens of the editor's`);
  assert.ok(whileWriting < written / 2, `after ${whileWriting} tokens`);
  for (const [index, response] of status.output.workerResponses.entries())
    assert.equal(response, part(tasks[index]), "a part is as its worker wrote it");
});

test("fifty parts go through whole", { timeout: 120_000 }, async () => {
  const tasks = ids(50);
  const workflow = assembled(
    tasks,
    (id) => partOf(id, 400),
    (call) => editor(call),
  );
  const status = await api.run(
    { prompt: workflow.prompt(), options: { ...BUDGET, max_subtasks: 50 } },
    "complete",
    60_000,
  );
  for (const id of tasks) assert.equal(times(status.output.finalResult, partOf(id, 400)), 1, id);
  assert.deepEqual([status.warnings, workflow.count("edit")], [[], 1]);
});

test("notes go to the editor and to nobody else", async () => {
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `## ${id}\n\nText of ${id}.\n\nNote: check ${id}.`,
    (call) => editor(call),
  );
  const status = await api.run(workflow.prompt());
  assert.match(asked(workflow.calls("edit")[0]), /<part_notes id="t1">\nNote: check t1\./);
  for (const shown of [status.output.finalResult, ...status.output.workerResponses])
    assert.ok(!shown.includes("Note:"), shown);
});

test("edits replace, insert and delete; the journal holds what came of them", async () => {
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `The ${id} is red.\n\nIt is old.\n\nIt is ${id}.`,
    (call) =>
      editor(call, {
        edits: [edit("t1", "red", "blue"), insert("t1", "It is old.", "It is dear."), edit("t2", "It is old.", "")],
      }),
  );
  const id = await api.submit(workflow.prompt());
  const { finalResult } = (await api.reach(id, "complete")).output;
  assert.match(finalResult, /The t1 is blue\.\s+It is old\.\s+It is dear\.\s+It is t1\./);
  assert.match(finalResult, /The t2 is red\.\s+It is t2\./);
  const decided = (await journalOf(api, id)).find(({ type }) => type === "answer_assembled");
  assert.equal(decided.assembler, 1);
  assert.deepEqual(
    decided.edits.map(({ step, state }) => [step, state]),
    [
      ["subtask/t1", "applied"],
      ["subtask/t1", "applied"],
      ["subtask/t2", "applied"],
    ],
  );
});

test("parts that do not fit the editor's context come as outlines, and a section can be replaced", {
  timeout: 60_000,
}, async () => {
  const small = await startWithOpenai({ vars: { BIG_MODEL_CONTEXT_TOKENS: "20000" } });
  const tasks = ids(8);
  const part = (id) => partOf(id, 3_000, 4);
  const workflow = assembled(
    tasks,
    part,
    (call) => editor(call, { edits: [section("t3.2", "## Section 2 of t3\n\nIn short.")] }),
    small.emulator,
  );
  const status = await small.api.run({ prompt: workflow.prompt(), options: BUDGET }, "complete", 40_000);
  const editing = asked(workflow.calls("edit")[0]);
  assert.match(editing, /<part_outline id="t3"/);
  assert.match(editing, /t3\.2 ## Section 2 of t3/);
  const { finalResult } = status.output;
  for (const id of tasks.filter((task) => task !== "t3")) assert.equal(times(finalResult, part(id)), 1, id);
  assert.ok(finalResult.includes("## Section 2 of t3\n\nIn short.\n\n## Section 3 of t3"), "the section is replaced");
  assert.ok(finalResult.includes("end of t3.1.") && !finalResult.includes("end of t3.2."));
  assert.deepEqual(status.warnings, []);
});

/** An editor whose first script has an edit that does not apply; its repair is `repair`. */
const failing = (repair) =>
  assembled(
    ["t1", "t2"],
    (id) => `The ${id} is red.`,
    (call) =>
      call.kind === "edit-repair" ? repair(call) : editor(call, { edits: [edit("t2", "The t2 was red.", "Blue.")] }),
  );

test("an edit that does not apply goes back once, with the reason", async () => {
  const workflow = failing(() => text(edit("t2", "The t2 is red.", "The t2 is blue.")));
  const status = await api.run(workflow.prompt());
  assert.deepEqual(
    workflow.calls("edit").map(({ kind }) => kind),
    ["edit", "edit-repair"],
  );
  const repairing = asked(workflow.calls("edit")[1]);
  assert.match(repairing, /<failed_edits>/);
  assert.ok(repairing.includes("The t2 was red.") && repairing.includes("The t2 is red."), repairing);
  assert.match(status.output.finalResult, /The t1 is red\.\s+The t2 is blue\./);
  assert.deepEqual(status.warnings, []);
});

test("an edit whose repair fails too stands in the warnings, and the part as it was written", async () => {
  const workflow = failing(() => text(edit("t2", "The t2 will be red.", "The t2 is blue.")));
  const status = await api.run(workflow.prompt());
  assert.equal(workflow.count("edit"), 2, "it goes back once");
  assert.match(status.output.finalResult, /The t1 is red\.\s+The t2 is red\./);
  assert.deepEqual([...new Set(status.warnings.map(({ reason }) => reason))], ["edit_failed"]);
});

test("a part that the editor leaves out, names twice or invents is named in the warnings", async () => {
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `Text of ${id}.`,
    (call) => editor(call, { answer: "@include t1\n\n@include t1\n\n@include t9" }),
  );
  const status = await api.run(workflow.prompt());
  assert.equal(status.output.finalResult.trim(), "Text of t1.");
  const messages = status.warnings.filter(({ reason }) => reason === "assembly").map(({ message }) => message);
  for (const id of ["t1", "t2", "t9"])
    assert.ok(
      messages.some((message) => message.includes(id)),
      messages.join("\n"),
    );
});

test("a reply without marks is the whole text, and the next run asks that model for one text", async () => {
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `Text of ${id}.`,
    (call) => text(call.kind === "edit" ? "One text, without any mark." : "One text, as it was asked for."),
  );
  const id = await api.submit(workflow.prompt());
  const status = await api.reach(id, "complete");
  assert.equal(status.output.finalResult, "One text, without any mark.");
  assert.equal((await journalOf(api, id)).find(({ type }) => type === "answer_assembled").unmarked, true);
  assert.equal((await api.post(`/${id}/restart`)).status, 200);
  const again = await api.reach(id, "complete");
  assert.equal(again.run, 2);
  assert.equal(again.output.finalResult, "One text, as it was asked for.");
  const last = workflow.calls().at(-1);
  assert.deepEqual([last.kind, workflow.count("edit")], ["merge", 1]);
});

test("a model of little context is asked plainly, for one text", async () => {
  const small = await startWithOpenai({
    vars: { BIG_MODEL_CONTEXT_TOKENS: "16000", SMALL_MODEL_CONTEXT_TOKENS: "16000" },
  });
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `Text of ${id}.`,
    () => undefined,
    small.emulator,
  );
  const status = await small.api.run(workflow.prompt());
  assert.deepEqual(
    workflow.calls().map(({ kind }) => kind),
    ["plan", "part", "part", "merge"],
  );
  assert.ok(asked(workflow.calls("plan")[0]).length < 4_000, "a short prompt");
  assert.equal(status.output.finalResult, "The final result.");
});

test("an editor that stops at its limit is continued", async () => {
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `Text of ${id}.`,
    (call) =>
      call.number === 1
        ? text("@answer\nThe lead.\n\n@include t1\n\n@inc", { finish: "length" })
        : text("lude t2\n\nThe end."),
  );
  const status = await api.run(workflow.prompt());
  assert.equal(status.output.finalResult.trim(), "The lead.\n\nText of t1.\n\nText of t2.\n\nThe end.");
  assert.equal(stepOf(status, "edit/1").attempts.length, 2);
});

test("an editor that fails for good leaves the parts one after the other", async () => {
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `## Part ${id}\n\nText of ${id}.\n\nNote: x`,
    () => ({ kind: "error", status: 400, body: { error: { message: "I refuse.", type: "invalid_request_error" } } }),
  );
  const status = await api.run(workflow.prompt());
  assert.equal(status.output.finalResult.trim(), "## Part t1\n\nText of t1.\n\n## Part t2\n\nText of t2.");
  assert.ok(
    status.warnings.some(({ reason }) => reason === "failed"),
    JSON.stringify(status.warnings),
  );
});

test("a late subscriber gets the text so far, then what follows, and both end with the same answer", async () => {
  const gate = makeGate();
  const workflow = assembled(
    ["t1", "t2", "t3"],
    (id) => partOf(id, 200),
    (call) =>
      held(gate, { ...editor(call, { answer: around(call, "Some words of the editor's, one by one.") }), pauseMs: 25 }),
  );
  const id = await api.submit(workflow.prompt());
  const early = readAll(api, id);
  gate.open();
  await readAll(api, id, ({ event, data }) => event === "answer" && data.text.includes("end of t1.1"));
  const late = await readAll(api, id);
  const { finalResult } = await api.status(id).then(({ output }) => output);
  const [first] = late.filter(({ event }) => event === "answer");
  assert.equal(first.data.from, 0);
  assert.ok(first.data.text.includes("end of t1.1") && !first.data.text.includes("end of t3.1"), "so far");
  for (const frames of [await early, late]) assert.equal(answerOf(frames), finalResult);
});

test("while a failed edit may still be mended nothing from it on is settled", async () => {
  const gate = makeGate();
  const workflow = assembled(
    ["t1", "t2"],
    (id) => `The ${id} is red.`,
    (call) =>
      call.kind === "edit-repair"
        ? held(gate, text(edit("t2", "The t2 is red.", "The t2 is blue.")))
        : editor(call, { edits: [edit("t2", "The t2 was red.", "Blue.")] }),
  );
  const id = await api.submit(workflow.prompt());
  const reading = readAll(api, id);
  const before = await readAll(
    api,
    id,
    ({ event, data }) => event === "answer" && data.text.includes("The t2 is red."),
  );
  const { settled } = before.findLast(({ event }) => event === "answer").data;
  const text2 = answerOf(before);
  assert.ok(settled <= [...text2.slice(0, text2.indexOf("The t2"))].length, `${settled} of ${text2}`);
  gate.open();
  const { finalResult } = (await api.reach(id, "complete")).output;
  assert.ok(finalResult.includes("The t2 is blue."), finalResult);
  assert.equal(answerOf(await reading), finalResult);
});

test("the editor is shown every part that there is, and why another is missing", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["good", "bad"]);
    if (call.task === "bad") return { kind: "error", status: 400, body: { error: { message: "I refuse." } } };
    return call.step === "subtask" ? text("A good part.") : undefined;
  });
  const status = await api.run(workflow.prompt());
  const [editing] = workflow.calls("edit");
  assert.deepEqual(partsOf(editing), ["good"]);
  assert.match(asked(editing), /<missing_answer id="bad"[\s\S]*refuse/);
  assert.deepEqual(status.output.workerResponses, ["A good part.", null]);
});
