// OpenAI's SDK against the door of Responses: whole, streamed, in the background, resumed, cancelled, gone on with.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { contract, editor, partOf } from "./emulators/answers.mjs";
import { error, held, makeGate, text } from "./emulators/scripts.mjs";
import { describedFetch } from "./support/described.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertEvents, assertResponse } from "./support/open-responses.mjs";
import { all, textOf } from "./support/responses.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKEN = "token-of-alice-0123456789";
const worker = await startWithOpenai({
  vars: { API_TOKENS: `alice:${TOKEN},bob:token-of-bob-0123456789abc` },
  token: TOKEN,
});
const { url, emulator, api } = worker;

const clientOf = (options = {}) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN, maxRetries: 0, fetch: describedFetch, ...options });
const client = clientOf();
const DIRECT = { model: "orchestrator-direct" };
const LONG = "one two three four five six seven eight nine ten ".repeat(6).trim();

/** The response without what the SDK adds. */
const wire = ({ output_text, _request_id, ...response }) => response;

test("a whole response is what is retrieved later, and the headers name the workflow", async () => {
  const workflow = emulator.workflow();
  const { data, response } = await client.responses
    .create({
      model: "orchestrator",
      input: workflow.prompt(),
      metadata: { team: "shop" },
      instructions: "In English.",
    })
    .withResponse();
  assert.match(data.output_text, /The final result/);
  assertResponse(wire(data));
  assert.deepEqual(data.metadata, { team: "shop" });
  assert.equal(data.instructions, "In English.");
  assert.ok(data.usage.total_tokens > 0);
  const id = response.headers.get("x-workflow-id");
  assert.equal(data.id, `resp_${id}`);
  assert.equal(response.headers.get("x-workflow-url"), `${url}/workflows/${id}`);
  assert.equal((await api.status(id)).status, "complete");
  assert.deepEqual(wire(await client.responses.retrieve(data.id)), wire(data));
});

test("a stream tells the plan and the parts as reasoning, then the text as it is written", async () => {
  const workflow = emulator.workflow();
  const stream = client.responses.stream({ model: "orchestrator", input: workflow.prompt() });
  const events = await all(stream);
  assertEvents(events.map(({ snapshot, ...event }) => event));
  const words = events.filter(({ type }) => type === "response.reasoning_summary_text.delta").map(({ delta }) => delta);
  assert.match(words.join(""), /^Planning\.\nThe plan has 3 parts:\n1\. Title of t1\n[\s\S]*Part 3 of 3 is done/);
  const final = await stream.finalResponse();
  assert.equal(final.output_text, textOf(events));
  assert.deepEqual(
    final.output.map(({ type }) => type),
    ["reasoning", "message"],
  );
});

test("text comes while it is written, before the run has ended", async () => {
  const workflow = emulator.workflow(() => text(LONG, { pauseMs: 15 }));
  const stream = await client.responses.create({ ...DIRECT, input: workflow.prompt(), stream: true });
  const deltas = [];
  for await (const event of stream) {
    if (event.type !== "response.output_text.delta") continue;
    if (deltas.length === 0) assert.equal(workflow.calls()[0].closedAt ?? null, null, "the model still writes");
    deltas.push(event.delta);
  }
  assert.ok(deltas.length > 3, `${deltas.length} pieces`);
  assert.equal(deltas.join(""), LONG);
});

test("in the background it is polled, and a stream of it can be left and resumed after any event", async () => {
  const workflow = emulator.workflow();
  const begun = await client.responses.create({ model: "orchestrator", input: workflow.prompt(), background: true });
  assertResponse(wire(begun));
  assert.ok(["queued", "in_progress"].includes(begun.status), begun.status);
  assert.equal(begun.background, true);
  const done = await eventually("it is completed", async () => {
    const response = await client.responses.retrieve(begun.id);
    return ["queued", "in_progress"].includes(response.status) ? null : response;
  });
  assert.equal(done.status, "completed");
  const whole = await all(await client.responses.retrieve(begun.id, { stream: true }));
  assertEvents(whole);
  assert.equal(whole[1].type, "response.queued");
  for (const [index, event] of whole.entries()) {
    const rest = await all(
      await client.responses.retrieve(begun.id, { stream: true, starting_after: event.sequence_number }),
    );
    assert.deepEqual(rest, whole.slice(index + 1), `after ${event.sequence_number}`);
  }
  assert.deepEqual(whole.at(-1).response, wire(done));
});

test("a stream in the background that is left goes on, and what comes after is exactly the rest", async () => {
  const workflow = emulator.workflow(() => text(LONG, { pauseMs: 10 }));
  const stream = await client.responses.create({ ...DIRECT, input: workflow.prompt(), stream: true, background: true });
  const before = [];
  for await (const event of stream) {
    before.push(event);
    if (textOf(before).length > 40) break;
  }
  const { id } = before[0].response;
  const after = await all(
    await client.responses.retrieve(id, { stream: true, starting_after: before.at(-1).sequence_number }),
  );
  assertEvents([...before, ...after]);
  assert.equal(textOf([...before, ...after]), LONG);
  assert.equal(workflow.count(), 1);
});

test("a call that breaks off while a client reads on is an error rather than a mixture", async () => {
  const workflow = emulator.workflow((call) =>
    call.number === 1
      ? text(`First try. ${LONG}`, { pauseMs: 5, ending: "cut", pieces: ["First ", "try. "] })
      : text("Second try."),
  );
  const stream = await client.responses.create({ ...DIRECT, input: workflow.prompt(), stream: true });
  await assert.rejects(all(stream), (thrown) => thrown.code === "stream_restarted");
});

test("cancel ends it, and is the same when repeated; one that has ended stays", async () => {
  const workflow = emulator.workflow(() => held(makeGate(), text("Never.")));
  const { id } = await client.responses.create({ ...DIRECT, input: workflow.prompt(), background: true });
  const cancelled = await client.responses.cancel(id);
  assertResponse(wire(cancelled));
  assert.equal(cancelled.status, "cancelled");
  assert.deepEqual(wire(await client.responses.cancel(id)), wire(cancelled));
  const events = await all(await client.responses.retrieve(id, { stream: true }));
  assertEvents(events);
  assert.equal(events.at(-1).type, "response.failed");
  assert.equal(events.at(-1).response.status, "cancelled");
  const other = emulator.workflow(() => text("Done."));
  const done = await client.responses.create({ ...DIRECT, input: other.prompt() });
  assert.deepEqual(wire(await client.responses.cancel(done.id)), wire(done));
});

test("deleted it is gone, and nobody else sees it before", async () => {
  const workflow = emulator.workflow(() => text("Done."));
  const { id } = await client.responses.create({ ...DIRECT, input: workflow.prompt() });
  const isNotFound = (thrown) => thrown instanceof OpenAI.NotFoundError && thrown.code === "not_found";
  const bob = clientOf({ apiKey: "token-of-bob-0123456789abc" });
  for (const call of [() => bob.responses.retrieve(id), () => bob.responses.cancel(id), () => bob.responses.delete(id)])
    await assert.rejects(call, isNotFound);
  await client.responses.delete(id);
  for (const call of [
    () => client.responses.retrieve(id),
    () => client.responses.retrieve(id, { stream: true }),
    () => client.responses.inputItems.list(id),
    () => client.responses.delete(id),
    () => client.responses.retrieve("something"),
  ])
    await assert.rejects(call, isNotFound);
});

test("a conversation goes on by previous_response_id, and input items are its pages", async () => {
  const first = emulator.workflow(() => text("Of 1969."));
  const before = await client.responses.create({
    ...DIRECT,
    input: first.prompt("When was it?"),
    instructions: "Brief.",
  });
  const second = emulator.workflow((call) => {
    const shown = call.messages.map(({ content }) => content).join("\n");
    return text(/When was it\?[\s\S]*Of 1969\./.test(shown) && !/Brief\./.test(shown) ? "In July." : "I don't know.");
  });
  const after = await client.responses.create({
    model: "orchestrator",
    input: second.prompt("Which month?"),
    previous_response_id: before.id,
  });
  assert.equal(after.output_text, "In July.");
  assert.equal(after.previous_response_id, before.id);
  assert.deepEqual(
    second.calls().map(({ kind }) => kind),
    ["direct"],
    "a short follow-up takes one call",
  );
  const list = async (query) => all(client.responses.inputItems.list(after.id, query));
  const items = await list({ order: "asc", limit: 1 });
  assert.deepEqual(
    items.map(({ role, content }) => [role, content[0].type, content[0].text.slice(0, 12)]),
    [
      ["user", "input_text", "When was it?"],
      ["assistant", "output_text", "Of 1969."],
      ["user", "input_text", "Which month?"],
    ],
  );
  assert.deepEqual(await list(), items.toReversed());
  const { data, has_more } = await client.responses.inputItems.list(after.id, {
    order: "asc",
    limit: 1,
    after: items[0].id,
  });
  assert.deepEqual([data, has_more], [[items[1]], true]);
  await assert.rejects(client.responses.inputItems.list(after.id, { limit: 0 }), OpenAI.BadRequestError);
  await assert.rejects(
    client.responses.create({ ...DIRECT, input: "More.", previous_response_id: "resp_none" }),
    (thrown) => thrown.status === 400 && thrown.code === "previous_response_not_found",
  );
});

test("an answer as JSON fits its schema, and is all of the text", async () => {
  const schema = {
    type: "object",
    properties: { rivers: { type: "array", items: { type: "string" } } },
    required: ["rivers"],
    additionalProperties: false,
  };
  const workflow = emulator.workflow((call) =>
    text(call.step === "structure" ? '{"rivers": ["Rhine", "Elbe"]}' : "The Rhine and the Elbe."),
  );
  const asked = {
    ...DIRECT,
    input: workflow.prompt("Two rivers."),
    text: { format: { type: "json_schema", name: "rivers", strict: true, schema } },
  };
  const events = await all(await client.responses.create({ ...asked, stream: true }));
  assertEvents(events);
  assert.deepEqual(JSON.parse(textOf(events)), { rivers: ["Rhine", "Elbe"] });
  const { response } = events.at(-1);
  assert.deepEqual(response.text.format, { ...asked.text.format, description: null });
  const parsed = await client.responses.parse({ ...asked, input: workflow.prompt("Two rivers again.") });
  assert.deepEqual(JSON.parse(parsed.output_text), { rivers: ["Rhine", "Elbe"] });
});

test("nothing that a review may still change is text of the stream", async () => {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["t1", "t2"]);
    if (call.step === "subtask") return text(partOf(call.task, 60));
    if (call.step === "edit") return editor(call, { lead: "The lead." });
    return call.step === "review"
      ? text("@edit\n<<<<\nThe lead.\n====\nA better lead.\n>>>>", { pauseMs: 5 })
      : undefined;
  });
  const stream = client.responses.stream({ model: "orchestrator-thorough", input: workflow.prompt() });
  const events = await all(stream);
  assertEvents(events.map(({ snapshot, ...event }) => event));
  assert.match(textOf(events), /^A better lead\./);
  const { output, output_text } = await stream.finalResponse();
  assert.match(output[0].summary[0].text, /Reviewing the whole answer\.\n$/);
  assert.equal(output_text, textOf(events));
});

test("an answer that a model could not end is incomplete", async () => {
  const workflow = emulator.workflow((call) => text(`Piece ${call.number}. `, { finish: "length" }));
  const events = await all(await client.responses.create({ ...DIRECT, input: workflow.prompt(), stream: true }));
  assertEvents(events);
  assert.equal(events.at(-1).type, "response.incomplete");
  assert.deepEqual(events.at(-1).response.incomplete_details, { reason: "max_output_tokens" });
  assert.match(textOf(events), /^Piece 1\. Piece 2\. /);
});

test("max_output_tokens ends the text, and the response is incomplete", async () => {
  const workflow = emulator.workflow(() => text(LONG));
  const asked = { ...DIRECT, input: workflow.prompt(), max_output_tokens: 20 };
  const whole = await client.responses.create(asked);
  assert.equal(whole.status, "incomplete");
  assert.deepEqual(whole.incomplete_details, { reason: "max_output_tokens" });
  assert.equal(whole.max_output_tokens, 20);
  assert.equal(whole.output_text, LONG.slice(0, 80));
  const events = await all(await client.responses.create({ ...asked, stream: true }));
  assertEvents(events);
  assert.equal(events.at(-1).type, "response.incomplete");
  assert.equal(textOf(events), whole.output_text);
});

test("a run that fails is an error where it is waited for, and a failed response where it is fetched", async () => {
  const workflow = emulator.workflow(() => error(400, { error: { message: "I will not." } }));
  const asked = { ...DIRECT, input: workflow.prompt() };
  const failed = await client.responses.create(asked).then(
    () => assert.fail("it is no answer"),
    (thrown) => thrown,
  );
  assert.ok(failed instanceof OpenAI.InternalServerError, failed);
  const response = await client.responses.retrieve(`resp_${failed.requestID}`);
  assertResponse(wire(response));
  assert.equal(response.status, "failed");
  assert.match(response.error.message, /I will not/);
  const events = await all(await client.responses.create({ ...asked, stream: true }));
  assertEvents(events);
  assert.equal(events.at(-1).type, "response.failed");
});

test("a time-out shorter than the run: the SDK's repetitions join it", async () => {
  const workflow = emulator.workflow(() => text("Slow, but there.", { pauseMs: 400 }));
  const impatient = clientOf({ timeout: 700, maxRetries: 5 });
  const response = await impatient.responses.create({ ...DIRECT, input: workflow.prompt() });
  assert.equal(response.output_text, "Slow, but there.");
  assert.equal(workflow.count(), 1, "one run");
});

test("a run that takes longer than an answer may goes on, and the same request joins it", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, text("At last.")));
  const body = JSON.stringify({ ...DIRECT, input: workflow.prompt() });
  const ask = (more) =>
    describedFetch(`${url}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...more },
      body,
    });
  const late = await ask({ prefer: "wait=6" });
  assert.deepEqual([late.status, (await late.json()).error.code], [504, "run_goes_on"]);
  assert.ok(Number(late.headers.get("retry-after")) > 0);
  gate.open();
  const joined = await ask({ "x-stainless-retry-count": "1", prefer: "wait=6" });
  assert.equal(joined.headers.get("x-workflow-joined"), "true");
  const { id, output } = await joined.json();
  assert.equal(id, `resp_${late.headers.get("x-workflow-id")}`);
  assert.equal(output.at(-1).content[0].text, "At last.");
  assert.equal(workflow.count(), 1);
});

test("a response that is deleted while it is read ends its stream with an error", async () => {
  const workflow = emulator.workflow(() => held(makeGate(), text("Never.")));
  const stream = await client.responses.create({ ...DIRECT, input: workflow.prompt(), stream: true });
  const read = async () => {
    for await (const event of stream)
      if (event.type === "response.created") await client.responses.delete(event.response.id);
  };
  await assert.rejects(read, (thrown) => thrown.code === "not_found");
});

test("the same Idempotency-Key is the same response", async () => {
  const workflow = emulator.workflow(() => text("Once."));
  const input = workflow.prompt();
  const ask = (more) =>
    client.responses.create({ ...DIRECT, input, ...more }, { headers: { "Idempotency-Key": "key-of-responses" } });
  const [one, two] = [await ask(), await ask()];
  assert.deepEqual(wire(two), wire(one));
  assert.equal(workflow.count(), 1);
  await assert.rejects(ask({ input: "Other." }), OpenAI.UnprocessableEntityError);
});

test("what is not stored is gone once it was delivered", async () => {
  const workflow = emulator.workflow(() => text("For you only."));
  const asked = { ...DIRECT, store: false };
  const whole = await client.responses.create({ ...asked, input: workflow.prompt("Whole.") });
  assert.deepEqual([whole.output_text, whole.store], ["For you only.", false]);
  const events = await all(
    await client.responses.create({ ...asked, input: workflow.prompt("Streamed."), stream: true }),
  );
  assert.equal(textOf(events), "For you only.");
  for (const id of [whole.id, events[0].response.id])
    await eventually("it is gone", async () => {
      const answer = await api.get(`/workflows/${id.slice("resp_".length)}`);
      return answer.status === 404;
    });
});

test("bad requests and tokens are errors in OpenAI's form", async () => {
  const stranger = clientOf({ apiKey: "token-of-nobody-0123456789" });
  await assert.rejects(stranger.responses.create({ ...DIRECT, input: "x" }), OpenAI.AuthenticationError);
  await assert.rejects(stranger.responses.retrieve("resp_x"), OpenAI.AuthenticationError);
  const refused = async (body, param) => {
    const thrown = await client.responses.create({ ...DIRECT, input: "x", ...body }).then(
      () => assert.fail(JSON.stringify(body)),
      (caught) => caught,
    );
    assert.ok([400, 404].includes(thrown.status), `${thrown}`);
    assert.equal(thrown.param, param, thrown.message);
    assert.ok(thrown.message.length > 20);
  };
  await refused({ model: "gpt-5" }, "model");
  await refused({ input: "" }, "input");
  await refused({ input: [] }, "input");
  await refused({ input: [{ role: "assistant", content: "Hm." }] }, "input");
  await refused({ input: [{ role: "robot", content: "Hm." }] }, "input[0].role");
  await refused({ background: true, store: false }, "store");
  await refused({ max_output_tokens: 1 }, "max_output_tokens");
  await refused({ truncation: "left" }, "truncation");
  await refused({ text: { format: { type: "xml" } } }, "text.format.type");
  await refused({ text: { format: { type: "json_schema", name: "a b", schema: {} } } }, "text.format.name");
  await refused({ text: { verbosity: "loud" } }, "text.verbosity");
  await refused({ conversation: "conv_1" }, "conversation");
  await refused({ prompt: { id: "p" } }, "prompt");
  await refused({ tool_choice: "required" }, "tool_choice");
  await refused({ top_logprobs: 3 }, "top_logprobs");
  await refused({ include: ["message.output_text.logprobs"] }, "include");
  await refused({ metadata: { a: 1 } }, "metadata");
  await refused({ metadata: { "openai-request": "x" } }, "metadata");
  const long = [
    { role: "user", content: "x".repeat(150_000) },
    { role: "assistant", content: "y".repeat(150_000) },
    { role: "user", content: "And then?" },
    { role: "assistant", content: "Nothing." },
    { role: "user", content: "And then?" },
    { role: "assistant", content: "Nothing." },
    { role: "user", content: "Go on." },
  ];
  await refused({ input: long, truncation: "disabled" }, "input");
  await refused({ instructions: "x".repeat(33 * 1024) }, "instructions");
  const { data } = await client.responses
    .create({
      ...DIRECT,
      input: emulator.workflow(() => text("Yes.")).prompt(),
      tools: [],
      tool_choice: "none",
      seed: 3,
    })
    .withResponse();
  assert.deepEqual([data.output_text, data.workflow.ignored], ["Yes.", ["seed"]]);
  for (const after of ["x", "-1", "1.5", ""]) {
    const query = `stream=true&starting_after=${after}`;
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await describedFetch(`${url}/v1/responses/${data.id}?${query}`, { headers });
    assert.equal(answer.status, 400, query);
    assert.equal((await answer.json()).error.param, "starting_after");
  }
});
