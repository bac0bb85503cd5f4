// The cases of Open Responses' compliance suite (openresponses/openresponses, src/lib/compliance-tests.ts), as tests of
// our own: the same requests in our words, the same demands, and schemas that are stricter than the suite's.
//
// These can't pass honestly, and are refused in words that say what to do:
//
// - tool-calling, tool-calling-streaming: a run reads and writes text; there are no calls of the client's functions.
// - image-input: no model is shown an image.
// - file input, file_search, web_search (MAY): nothing is read or looked up but the text in `input`.
// - WebSocket on /v1/responses (MAY): a stream of events that can be resumed takes its place.
// - /v1/responses/compact (MAY): earlier turns are left out, the oldest first, where they are too long.
// - "an error while streaming is followed by response.failed": that of `stream_restarted` is not, because the run goes
//   on, and `failed` would be untrue.

import assert from "node:assert/strict";
import { test } from "node:test";
import { text } from "./emulators/scripts.mjs";
import { describedFetch } from "./support/described.mjs";
import { assertEvents, assertResponse, readEvents } from "./support/open-responses.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { url, emulator } = await startWithOpenai();

const ask = (body) =>
  describedFetch(`${url}/v1/responses`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer none" },
    body: JSON.stringify({ model: "orchestrator", ...body }),
  });

/** A complete response that a strict client takes. */
async function complete(body) {
  const answer = await ask({ ...body, stream: false });
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  assert.match(answer.headers.get("content-type"), /^application\/json/);
  assertResponse(json);
  assert.equal(json.status, "completed");
  assert.ok(json.output.length > 0, "it has output");
  return json;
}

const user = (content) => ({ type: "message", role: "user", content });
const textOf = ({ output }) => output.find(({ type }) => type === "message").content[0].text;

test("basic-response: a message of the user", async () => {
  const workflow = emulator.workflow();
  const response = await complete({ input: [user(workflow.prompt("Say hello in three words."))] });
  assert.match(textOf(response), /The final result/);
});

test("streaming-response: each event is as the schema has it, the last has the whole response", async () => {
  const workflow = emulator.workflow();
  const answer = await ask({ input: [user(workflow.prompt("Count from 1 to 5."))], stream: true });
  assert.equal(answer.status, 200);
  const events = await readEvents(answer);
  assertEvents(events);
  assert.equal(events[0].type, "response.created");
  const last = events.at(-1);
  assert.equal(last.type, "response.completed");
  const told = events.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => delta);
  assert.equal(told.join(""), textOf(last.response));
});

test("system-prompt: a system message is an instruction", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan"
      ? undefined
      : text(JSON.stringify(call.messages).includes("like a pirate") ? "Arr." : "Hello."),
  );
  const system = { type: "message", role: "system", content: "Speak like a pirate." };
  const response = await complete({
    model: "orchestrator-direct",
    input: [system, user(workflow.prompt("Say hello."))],
  });
  assert.equal(textOf(response), "Arr.");
});

test("multi-turn: earlier messages are context", async () => {
  const workflow = emulator.workflow((call) =>
    text(/Alice[\s\S]*What is my name/.test(call.messages.map(({ content }) => content).join("\n")) ? "Alice." : "?"),
  );
  const response = await complete({
    input: [
      user("My name is Alice."),
      { type: "message", role: "assistant", content: "Hello Alice! How can I help?" },
      user(workflow.prompt("What is my name?")),
    ],
  });
  assert.equal(textOf(response), "Alice.");
});

test("previous-response-id: the conversation goes on", async () => {
  const first = emulator.workflow(() => text("I shall remember 42."));
  const before = await complete({ model: "orchestrator-direct", input: first.prompt("Remember 42.") });
  const second = emulator.workflow((call) => text(/Remember 42/.test(JSON.stringify(call.messages)) ? "42." : "?"));
  const after = await complete({ previous_response_id: before.id, input: second.prompt("Which number?") });
  assert.equal(textOf(after), "42.");
  assert.equal(after.previous_response_id, before.id);
});

const FUNCTION = { type: "function", name: "get_weather", parameters: { type: "object", properties: {} } };

for (const [name, body, param, words] of [
  ["tool-calling", { input: "Weather?", tools: [FUNCTION] }, "tools", /Leave out tools.*MCP/],
  ["tool-calling-streaming", { input: "Weather?", tools: [FUNCTION], stream: true }, "tools", /Leave out tools/],
  [
    "image-input",
    {
      input: [
        user([
          { type: "input_text", text: "What is in it?" },
          { type: "input_image", image_url: "data:," },
        ]),
      ],
    },
    "input[0].content[1]",
    /an image.*only text is read/,
  ],
  [
    "file input",
    { input: [user([{ type: "input_file", file_id: "file-1" }])] },
    "input[0].content[0]",
    /a file.*put its text into the message/,
  ],
  ["web_search", { input: "News?", tools: [{ type: "web_search" }] }, "tools", /Leave out tools/],
  [
    "function_call_output",
    { input: [user("x"), { type: "function_call_output", call_id: "1", output: "" }] },
    "input",
    /the last item is a tool's/,
  ],
  [
    "web_search_call",
    { input: [{ type: "web_search_call", id: "ws_1", status: "completed" }, user("x")] },
    "input[0]",
    /into a message/,
  ],
])
  test(`${name} is refused, and the words say what to do`, async () => {
    const answer = await ask(body);
    assert.equal(answer.status, 400);
    const { error } = await answer.json();
    assert.deepEqual(Object.keys(error).sort(), ["code", "message", "param", "type"]);
    assert.equal(error.type, "invalid_request_error");
    assert.equal(error.param, param);
    assert.match(error.message, words);
  });

test("WebSocket and compact are refused too", async () => {
  const socket = await describedFetch(`${url}/v1/responses`);
  assert.equal(socket.status, 405);
  assert.equal(socket.headers.get("allow"), "POST, OPTIONS");
  const compact = await describedFetch(`${url}/v1/responses/compact`, { method: "POST", body: "{}" });
  assert.equal(compact.status, 404);
  assert.match((await compact.json()).error.message, /previous_response_id/);
});

test("the checker of schemas finds what a strict client would", async () => {
  const workflow = emulator.workflow();
  const response = await complete({ input: workflow.prompt("Anything.") });
  const { temperature, ...lacking } = response;
  const odd = { ...response, output: [{ ...response.output[0], type: "orchestrator:plan" }] };
  for (const wrong of [lacking, { ...response, usage: {} }, odd, { ...response, more: 1 }])
    assert.throws(() => assertResponse(wrong), assert.AssertionError);
  assert.equal(temperature, 1);
});
