// The emulator of OpenAI-compatible servers, tested with a plain client: what it plays must be what the real ones send.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startOpenai } from "./emulators/openai.mjs";
import { rateLimited, refuses } from "./emulators/openai-errors.mjs";
import { hang, held, html, makeGate, plan, reset, tasksOf, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";

const emulator = await startOpenai();
after(() => emulator.close());

const SCHEMA = { type: "json_schema", json_schema: { name: "plan", schema: { type: "object" } } };

function request(workflow, { model = "small-model", words = "", url = emulator.url, ...body } = {}) {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    signal: body.signal,
    body: JSON.stringify({
      model,
      messages: [{ role: "user", content: workflow.prompt(words) }],
      max_tokens: 100,
      stream: true,
      stream_options: { include_usage: true },
      ...body,
      signal: undefined,
    }),
  });
}

/** The data lines of a stream, parsed; what does not parse stays text. */
function events(body) {
  return body
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim())
    .map((data) => {
      try {
        return JSON.parse(data);
      } catch {
        return data;
      }
    });
}

function textOf(body) {
  return events(body)
    .map((event) => event.choices?.[0]?.delta.content ?? "")
    .join("");
}

test("by default three tasks are planned and each is answered by a text that names it", async () => {
  const workflow = emulator.workflow();
  const planned = await (
    await request(workflow, { model: "big-model", stream: false, response_format: SCHEMA })
  ).json();
  const { tasks } = JSON.parse(planned.choices[0].message.content);
  assert.deepEqual(
    tasks.map(({ id }) => id),
    ["t1", "t2", "t3"],
  );
  const answer = await (await request(workflow, { words: tasks[1].instructions })).text();
  assert.equal(textOf(answer), "Answer of t2.");
  const final = await (await request(workflow, { model: "big-model" })).text();
  assert.equal(textOf(final), "The final result.");
  assert.deepEqual(
    workflow.calls().map(({ step, task, number }) => [step, task, number]),
    [
      ["plan", null, 1],
      ["subtask", "t2", 1],
      ["synthesis", null, 1],
    ],
  );
});

for (const flavour of ["openai", "ollama", "llama.cpp", "vllm"]) {
  test(`the stream of ${flavour} carries text, a finish reason, usage and the end mark`, async (t) => {
    const server = await startOpenai({ flavour });
    t.after(() => server.close());
    const workflow = server.workflow(() => text("One two three.", { reasoning: "Let me think." }));
    const body = await (await request(workflow, { url: server.url })).text();
    assert.equal(textOf(body), "One two three.");
    const all = events(body);
    assert.equal(all.at(-1), "[DONE]");
    assert.equal(all.at(-2).usage.completion_tokens, 4);
    assert.deepEqual(all.at(-2).choices, []);
    assert.equal(all.at(-3).choices[0].finish_reason, "stop");
    assert.match(body, /"reasoning(_content)?":" ?think/);
    assert.deepEqual(server.violations, []);
  });
}

test("every byte can be a write of its own, also within a character", async () => {
  const workflow = emulator.workflow(() => text("Grüße, 世界 🌍", { writes: 1 }));
  const response = await request(workflow);
  let chunks = 0;
  const parts = [];
  for await (const chunk of response.body) {
    chunks += 1;
    parts.push(chunk);
  }
  assert.ok(chunks > 50, `${chunks} chunks`);
  assert.equal(textOf(Buffer.concat(parts).toString("utf8")), "Grüße, 世界 🌍");
});

test("usage is left out where it was not asked for or the server has none", async () => {
  const workflow = emulator.workflow((_, number) => text("x", { usage: number === 1 }));
  const unasked = events(await (await request(workflow, { stream_options: undefined })).text());
  const unknown = events(await (await request(workflow)).text());
  for (const all of [unasked, unknown]) assert.ok(all.every((event) => !event.usage));
});

test("a stream breaks off in four ways, and silence ends when the caller hangs up", async () => {
  const workflow = emulator.workflow((_, number) =>
    text("a b c", { ending: ["cut", "end", "error", "stall"][number - 1] }),
  );
  await assert.rejects(async () => (await request(workflow)).text());
  const ended = await (await request(workflow)).text();
  assert.equal(textOf(ended), "a b c");
  assert.ok(!ended.includes("[DONE]") && !ended.includes('"stop"'));
  assert.match(await (await request(workflow)).text(), /"error":\{"message"/);
  const abort = new AbortController();
  const stalled = await request(workflow, { signal: abort.signal });
  await stalled.body.getReader().read();
  abort.abort();
  const [, , , call] = workflow.calls();
  await eventually("the emulator sees the caller hang up", () => call.closedBy === "client");
  assert.ok(call.closedAt >= call.firstByteAt && call.firstByteAt >= call.arrivedAt);
});

test("a hanging call has no first byte, a held one waits for its gate, a reset one gets nothing", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((_, number) => [hang(), held(gate, text("late")), reset()][number - 1]);
  const abort = new AbortController();
  const hanging = request(workflow, { signal: abort.signal });
  await eventually("the call arrives", () => workflow.count() === 1);
  abort.abort();
  await assert.rejects(hanging);
  await eventually("the emulator sees the caller hang up", () => workflow.calls()[0].closedBy === "client");
  assert.equal(workflow.calls()[0].firstByteAt, null);
  const late = request(workflow);
  await eventually("the second call arrives", () => workflow.count() === 2);
  assert.equal(workflow.calls()[1].firstByteAt, null);
  gate.open();
  assert.equal(textOf(await (await late).text()), "late");
  await assert.rejects(request(workflow));
});

test("errors come in the words of each server", async () => {
  const scripts = [
    refuses.openai.max_tokens,
    refuses.vllm.stream_options,
    rateLimited(2),
    html(502),
    text("whole", { whole: true }),
  ];
  const workflow = emulator.workflow((_, number) => scripts[number - 1]);
  const unsupported = await request(workflow);
  assert.equal(unsupported.status, 400);
  assert.match((await unsupported.json()).error.message, /max_completion_tokens/);
  assert.match((await (await request(workflow)).json()).message, /extra_forbidden.*stream_options/);
  assert.equal((await request(workflow)).headers.get("retry-after"), "2");
  assert.match((await request(workflow)).headers.get("content-type"), /html/);
  assert.equal((await (await request(workflow)).json()).choices[0].message.content, "whole");
});

test("a key is asked for where one is set, and refused where none is", async (t) => {
  const server = await startOpenai({ key: "sk-test", models: ["first", "second"] });
  t.after(() => server.close());
  assert.equal((await fetch(`${server.url}/v1/models`)).status, 401);
  const listed = await fetch(`${server.url}/v1/models`, { headers: { authorization: "Bearer sk-test" } });
  assert.deepEqual(
    (await listed.json()).data.map(({ id }) => id),
    ["first", "second"],
  );
  assert.equal((await fetch(`${emulator.url}/v1/models`, { headers: { authorization: "Bearer x" } })).status, 401);
});

test("what a careful client would not send is a violation", async (t) => {
  const server = await startOpenai();
  t.after(() => server.close());
  const workflow = server.workflow(() => plan(["t1"]));
  const send = (body) => request(workflow, { url: server.url, ...body }).then((response) => response.text());
  await send({ max_tokens: undefined });
  await send({ temperature: null });
  await send({ messages: [{ role: "user", content: null }] });
  await send({ stream: false });
  await send({ response_format: { type: "json_schema", json_schema: { name: "plan", schema: {} } } });
  const found = server.violations.join("\n");
  for (const part of ["no limit of tokens", "temperature is null", "no string", "not streamed", "empty schema"])
    assert.ok(found.includes(part), part);
});

test("the tasks of a plan carry markers in their instructions, not in their titles", () => {
  const [task] = tasksOf([{ id: "a", depends_on: ["b"] }]);
  assert.match(task.instructions, /\(task-marker a\)/);
  assert.ok(!task.title.includes("marker"));
  assert.deepEqual(task.depends_on, ["b"]);
});
