// Chat completions that are asked for again: by a client's own retries, after a crash, where an attempt has died.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { contract, direct, edit, editor } from "./emulators/answers.mjs";
import { held, makeGate, text } from "./emulators/scripts.mjs";
import { ADA, BOB, contentOf, IN_PARTS, inParts, kindsOf, read, startChat, user } from "./support/chat.mjs";
import { journalOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";

const { worker, api, emulator, baseURL, ask, post, theRunOf, inOneCall } = await startChat();

test("a client whose time-out is shorter than the run joins it when it tries again", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? direct() : held(gate, text("At last."))));
  let sent = 0;
  const impatient = new OpenAI({
    baseURL,
    apiKey: ADA,
    timeout: 700,
    fetch: (...args) => {
      sent += 1;
      if (sent === 3) gate.open();
      return fetch(...args);
    },
  });
  const messages = [user(workflow.prompt("Say it."))];
  const { data, response } = await impatient.chat.completions
    .create({ model: "orchestrator", messages })
    .withResponse();
  assert.equal(contentOf(data), "At last.");
  assert.equal(response.headers.get("x-workflow-joined"), "true");
  assert.equal(sent, 3);
  assert.deepEqual(kindsOf(workflow), ["plan", "direct"]);
  await theRunOf(workflow);
});

test("an answer that takes too long is 504 with Retry-After; the run goes on, and a repetition has it", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, text("At last.")));
  const body = { model: "orchestrator-direct", messages: [user(workflow.prompt("Say it."))] };
  const patience = { prefer: "wait=6" };
  const late = await post(body, patience);
  assert.equal(late.status, 504);
  assert.equal(late.headers.get("retry-after"), "1");
  assert.equal(late.json.error.code, "run_goes_on");
  const id = late.headers.get("x-workflow-id");
  assert.equal((await api.status(id)).status, "running");
  gate.open();
  const again = await post(body, { "x-stainless-retry-count": "1", ...patience });
  assert.equal(contentOf(again.json), "At last.");
  assert.equal(again.headers.get("x-workflow-id"), id);
  // It is nobody else's, and another request is another run.
  const repetition = { "x-stainless-retry-count": "1" };
  for (const other of await Promise.all([
    post(body, { ...repetition, authorization: `Bearer ${BOB}` }),
    post({ ...body, temperature: 1 }, repetition),
    post(body),
  ])) {
    assert.equal(contentOf(other.json), "At last.");
    assert.notEqual(other.headers.get("x-workflow-id"), id);
  }
});

test("a run that somebody has paused meanwhile is told as that, with a status that no client repeats", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, text("At last.")));
  const body = { model: "orchestrator-direct", messages: [user(workflow.prompt("Say it."))] };
  const answer = post(body, { prefer: "wait=3" });
  const { id } = await theRunOf(workflow);
  assert.equal((await api.post(`/workflows/${id}/pause`)).status, 200);
  const { status, headers, json } = await answer;
  assert.deepEqual([status, json.error.code, headers.get("x-should-retry")], [400, "workflow_paused", "false"]);
  assert.match(json.error.message, /resume it, and read its answer at X-Workflow-Url/);
  gate.open();
});

test("the same Idempotency-Key is the same run, streamed or not; with another request it is refused", async () => {
  const workflow = inOneCall("Once.");
  const options = { headers: { "idempotency-key": "order-4711" } };
  assert.equal(contentOf(await ask(workflow, {}, options)), "Once.");
  assert.equal((await read(ask(workflow, { stream: true }, options))).content, "Once.");
  await theRunOf(workflow);
  await assert.rejects(
    ask(workflow, { model: "orchestrator-direct" }, options),
    (thrown) => thrown.status === 422 && thrown.code === "idempotency_key_reused",
  );
});

test("an attempt that dies after its text was sent ends the stream; a repetition has the whole answer", async () => {
  let attempts = 0;
  const workflow = emulator.workflow(() => {
    attempts += 1;
    return attempts === 1
      ? text("The first attempt says this and", { pauseMs: 25, ending: "cut" })
      : text("The second attempt says something else.", { pauseMs: 5 });
  });
  const fields = { model: "orchestrator-direct", stream: true };
  const { content, error: failure, finish } = await read(ask(workflow, fields));
  assert.ok("The first attempt says this and".startsWith(content), content);
  assert.equal(failure.code, "stream_restarted");
  assert.deepEqual(finish, []);
  const again = await read(ask(workflow, fields, { headers: { "x-stainless-retry-count": "1" } }));
  assert.equal(again.content, "The second attempt says something else.");
  assert.equal(again.error, null);
  await theRunOf(workflow);
});

test("an attempt that dies and comes again with the same words is no interruption", async () => {
  let attempts = 0;
  const words = "The same words come again, and more of them.";
  const workflow = emulator.workflow(() => {
    attempts += 1;
    return text(attempts === 1 ? words.slice(0, 20) : words, { pauseMs: 25, ending: attempts === 1 ? "cut" : "done" });
  });
  const { content, error: failure } = await read(ask(workflow, { model: "orchestrator-direct", stream: true }));
  assert.equal(failure, null);
  assert.equal(content, words);
});

test("an edit changes only what was not sent", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.kind === "edit")
      return editor(call, { edits: [edit("t2", "Answer of t2.", "Better than t2.")] }, { pauseMs: 3 });
    return inParts(call);
  });
  const { content, error: failure } = await read(ask(workflow, { stream: true }));
  assert.equal(failure, null);
  assert.equal(content, IN_PARTS.replace("Answer of t2.", "Better than t2."));
});

test("a crash in mid answer: the run goes on by itself, and the repeated request has the whole answer", async () => {
  const gate = makeGate();
  let writes = 0;
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["t1", "t2"]);
    if (call.step === "subtask") return text(`Answer of ${call.task}.`);
    writes += 1;
    return writes === 1 ? held(gate, undefined) : undefined;
  });
  const first = read(ask(workflow, { stream: true }, { maxRetries: 0 }));
  await eventually("the editor writes", () => writes === 1);
  await worker.crash();
  assert.ok((await first).error !== null);
  const again = await read(ask(workflow, { stream: true }, { headers: { "x-stainless-retry-count": "1" } }));
  assert.equal(again.content, "The final result.\n\nAnswer of t1.\n\nAnswer of t2.");
  assert.deepEqual(kindsOf(workflow).sort(), ["edit", "edit", "part", "part", "plan"]);
  await theRunOf(workflow);
});

test("a crash before the answer: the client's own retries get it, from one run", async () => {
  let gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? direct() : held(gate, text("At last."))));
  const asked = ask(workflow).withResponse();
  await eventually("the answer is being written", () => workflow.calls("synthesis").length === 1);
  await worker.crash();
  gate.open();
  gate = makeGate();
  gate.open();
  const { data, response } = await asked;
  assert.equal(contentOf(data), "At last.");
  assert.equal(response.headers.get("x-workflow-joined"), "true");
  await theRunOf(workflow);
  assert.equal(workflow.calls("plan").length, 1);
});

test("504 is no end for a client with its default retries", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, text("At last.")));
  let sent = 0;
  const counting = (url, init) => {
    sent += 1;
    if (sent === 2) gate.open();
    return fetch(url, init);
  };
  const patient = new OpenAI({ baseURL, apiKey: ADA, defaultHeaders: { prefer: "wait=1" }, fetch: counting });
  const messages = [user(workflow.prompt("Say it."))];
  const completion = await patient.chat.completions.create({ model: "orchestrator-direct", messages });
  assert.equal(contentOf(completion), "At last.");
  assert.equal(sent, 2);
  assert.equal(workflow.calls().length, 1);
});

test("a stream that nobody reads any more may pause its run; with a key, and whole, it goes on", async () => {
  const { on_disconnect: deployed } = (await api.get("/")).json.defaults;
  const workflow = inOneCall("Yes.");
  const optionsOf = async (fields, headers) => {
    const { response } = await ask(workflow, fields, { headers }).withResponse();
    await response.body?.cancel?.().catch(() => {});
    const id = response.headers.get("x-workflow-id");
    await api.reach(id, "complete");
    return (await journalOf(api, id))[0].spec.options;
  };
  assert.equal(deployed, "pause");
  assert.equal((await optionsOf({ stream: true })).on_disconnect, "pause");
  assert.equal(
    (await optionsOf({ stream: true }, { "idempotency-key": "goes-on" })).on_disconnect ?? "continue",
    "continue",
  );
  assert.equal((await optionsOf({})).on_disconnect ?? "continue", "continue");
});
