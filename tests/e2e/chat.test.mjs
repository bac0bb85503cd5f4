// Chat completions as OpenAI's own client asks for them: whole, streamed, refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { contract, direct, edit } from "./emulators/answers.mjs";
import { error, held, makeGate, text } from "./emulators/scripts.mjs";
import { ADA, contentOf, IN_PARTS, inParts, kindsOf, read, startChat, user } from "./support/chat.mjs";
import { assertDescribed } from "./support/described.mjs";
import { eventually } from "./support/eventually.mjs";

const { api, emulator, baseURL, openai, ask, post, runsOf, theRunOf, inOneCall } = await startChat();

test("the models are three ways to have a request answered", async () => {
  const models = await openai.models.list();
  assertDescribed("OpenaiModels", { object: "list", data: models.data });
  assert.deepEqual(
    models.data.map(({ id }) => id),
    ["orchestrator", "orchestrator-direct", "orchestrator-thorough"],
  );
  assert.equal((await openai.models.retrieve("orchestrator-direct")).object, "model");
  await assert.rejects(
    openai.models.retrieve("gpt-5"),
    (thrown) => thrown.status === 404 && thrown.code === "model_not_found",
  );
});

test("a whole answer: its text, the usage of all calls, and where its run is", async () => {
  const workflow = emulator.workflow(inParts);
  const { data, response, request_id } = await ask(workflow, { temperature: 0.2 }).withResponse();
  assertDescribed("ChatCompletion", data);
  assert.equal(contentOf(data), IN_PARTS);
  assert.equal(data.object, "chat.completion");
  assert.equal(data.model, "orchestrator");
  assert.equal(data.choices[0].finish_reason, "stop");
  const id = response.headers.get("x-workflow-id");
  assert.equal(data.id, `chatcmpl-${id}`);
  assert.equal(request_id, id);
  const status = await api.status(id);
  const { prompt_tokens, completion_tokens, total_tokens, model_calls } = status.usage;
  assert.deepEqual(data.usage, { prompt_tokens, completion_tokens, total_tokens });
  assert.equal(model_calls, 5, "a plan, three parts, an editor");
  assert.deepEqual(data.workflow.ignored, ["temperature"]);
  const shown = await fetch(response.headers.get("x-workflow-url"), {
    headers: { authorization: `Bearer ${ADA}`, accept: "application/json" },
  });
  assert.equal((await shown.json()).id, id);
});

test("a stream: progress in words, then the answer as it is settled, then the usage", async () => {
  const workflow = emulator.workflow(inParts);
  const { chunks, content, reasoning, finish } = await read(
    ask(workflow, { stream: true, stream_options: { include_usage: true } }),
  );
  assert.equal(content, IN_PARTS);
  assert.match(reasoning, /^Planning\.\nThe plan has 3 parts:\n1\. Title of t1\n/);
  for (const done of [1, 2, 3]) assert.match(reasoning, new RegExp(`\\nPart ${done} of 3 is done: Title of t\\d\\n`));
  assert.match(reasoning, /\nEditing: the parts become one answer\.\n$/);
  assert.deepEqual(chunks[0].choices[0].delta, { role: "assistant", content: "" });
  assert.deepEqual(finish, ["stop"]);
  const last = chunks.at(-1);
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.total_tokens > 0);
  assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
  assert.ok(chunks.every(({ id, object }) => id === last.id && object === "chat.completion.chunk"));
});

test("without include_usage no chunk has one", async () => {
  const { chunks } = await read(ask(inOneCall("Yes."), { stream: true }));
  assert.ok(chunks.every((chunk) => !("usage" in chunk) && chunk.choices.length === 1));
});

test("a stream by hand: keep-alives aside it is data alone, ends with [DONE], and says where its run is", async () => {
  const response = await fetch(`${baseURL}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADA}` },
    body: JSON.stringify({ model: "orchestrator-direct", stream: true, messages: [user(inOneCall("Yes.").prompt())] }),
  });
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.match(response.headers.get("x-workflow-url"), /^http:.*\/workflows\/[\w-]+$/);
  const frames = (await response.text()).split("\n\n");
  assert.equal(frames.pop(), "");
  assert.equal(frames.pop(), "data: [DONE]");
  for (const frame of frames) assert.match(frame, /^data: \{.*\}$/);
});

test("the models: one call, or parts with a review of the whole", async () => {
  const one = inOneCall("In one call.");
  await ask(one, { model: "orchestrator-direct" });
  assert.deepEqual(kindsOf(one), ["direct"]);
  const thorough = emulator.workflow((call) => (call.step === "review" ? text("none") : inParts(call)));
  const { content, reasoning } = await read(ask(thorough, { model: "orchestrator-thorough", stream: true }));
  assert.equal(content, IN_PARTS);
  assert.match(reasoning, /Reviewing the whole answer\.\n$/);
  assert.equal(kindsOf(thorough).at(-1), "review");
});

test("a long answer that is settled at once comes in many chunks", async () => {
  const long = "word\u{1F600} ".repeat(4_000);
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return contract(["t1", "t2"]);
    if (call.step === "review") return text("none");
    return call.step === "subtask" ? text(long, { pieces: [long] }) : undefined;
  });
  const { content, chunks } = await read(ask(workflow, { model: "orchestrator-thorough", stream: true }));
  const { id } = await theRunOf(workflow);
  assert.ok(content.length > 50_000 && content === (await api.status(id)).output.finalResult);
  assert.ok(chunks.every((chunk) => JSON.stringify(chunk).length < 10_000));
});

test("nothing that a review may still change is sent as content", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "review") return held(gate, text(edit("synthesis", "Answer of t2.", "Better than t2.")));
    return inParts(call);
  });
  const stream = await ask(workflow, { model: "orchestrator-thorough", stream: true });
  let content = "";
  for await (const { choices } of stream) {
    const { delta } = choices[0];
    content += delta.content ?? "";
    if (delta.reasoning_content?.startsWith("Reviewing")) {
      assert.equal(content, "");
      gate.open();
    }
  }
  const { id } = await theRunOf(workflow);
  assert.equal(content, (await api.status(id)).output.finalResult);
});

test("instructions reach every call, and earlier turns are what was said before", async () => {
  const workflow = inOneCall("Less.");
  await ask(workflow, {
    messages: [
      { role: "system", content: "Speak like a sailor." },
      user("How deep is the sea?"),
      { role: "assistant", content: "About 3,700 metres." },
      user([{ type: "text", text: workflow.prompt("Shorter.") }]),
    ],
  });
  assert.deepEqual(kindsOf(workflow), ["direct"], "a short follow-up asks no planner");
  const said = workflow
    .calls()[0]
    .messages.map(({ content }) => content)
    .join("\n");
  assert.match(said, /Speak like a sailor\./);
  assert.match(said, /How deep is the sea\?/);
  assert.match(said, /About 3,700 metres\./);
});

test("a conversation that is too long loses its oldest turns, and says so in a header and in words", async () => {
  const workflow = inOneCall("Yes.");
  const turns = Array.from({ length: 4 }, (_, index) => [
    user(`Question ${index}.`),
    { role: "assistant", content: "long ".repeat(20_000) },
  ]);
  const messages = [...turns.flat(), user(workflow.prompt("And now?"))];
  const { data, response } = await ask(workflow, { model: "orchestrator-direct", messages }).withResponse();
  assert.match(response.headers.get("x-workflow-warning"), /^The oldest 2 turns /);
  assert.equal(data.workflow.warnings[0], response.headers.get("x-workflow-warning"));
  const said = workflow
    .calls()[0]
    .messages.map(({ content }) => content)
    .join("\n");
  assert.doesNotMatch(said, /Question 1\./);
  assert.match(said, /Question 3\./);
  const { reasoning } = await read(ask(workflow, { model: "orchestrator-direct", messages, stream: true }));
  assert.match(reasoning, /^The oldest 2 turns /);
});

test("a json_schema is the schema of the answer, whose content is that JSON, whole and streamed", async () => {
  const schema = {
    type: "object",
    properties: { rivers: { type: "array", items: { type: "string" } } },
    required: ["rivers"],
    additionalProperties: false,
  };
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return direct();
    return text(call.kind === "structure" ? '{"rivers": ["Rhine", "Po"]}' : "The Rhine and the Po.");
  });
  const response_format = { type: "json_schema", json_schema: { name: "rivers", strict: true, schema } };
  const completion = await ask(workflow, { response_format });
  assert.deepEqual(JSON.parse(contentOf(completion)), { rivers: ["Rhine", "Po"] });
  const { content, reasoning } = await read(ask(workflow, { response_format, stream: true }));
  assert.deepEqual(JSON.parse(content), { rivers: ["Rhine", "Po"] });
  assert.match(reasoning, /Turning the answer into JSON\.\n$/);
  const any = await ask(workflow, { response_format: { type: "json_object" } });
  assert.deepEqual(JSON.parse(contentOf(any)), { rivers: ["Rhine", "Po"] });
});

test("max_tokens bounds the visible answer, which then ends with length", async () => {
  const workflow = inOneCall("one two three four five six seven eight nine ten");
  for (const name of ["max_tokens", "max_completion_tokens"]) {
    const completion = await ask(workflow, { [name]: 4 });
    assert.equal(contentOf(completion), "one two three fo");
    assert.equal(completion.choices[0].finish_reason, "length");
  }
  const { content, finish } = await read(ask(workflow, { max_tokens: 4, stream: true }));
  assert.equal(content, "one two three fo");
  assert.deepEqual(finish, ["length"]);
  const enough = await ask(workflow, { max_tokens: 100 });
  assert.equal(enough.choices[0].finish_reason, "stop");
  assert.match(
    workflow
      .calls("synthesis")
      .at(-1)
      .messages.map(({ content: said }) => said)
      .join("\n"),
    /\b70 words\b/,
  );
});

test("a title is written by the small model in one call", async () => {
  const workflow = emulator.workflow(() => text('{"title": "Deep seas"}'));
  const template = "### Task:\nGenerate a concise title summarizing the chat history.\n### Guidelines:\n- ...\n";
  const completion = await ask(workflow, {
    messages: [user(template + workflow.prompt("USER: How deep is the sea?"))],
  });
  assert.equal(contentOf(completion), '{"title": "Deep seas"}');
  assert.deepEqual(
    workflow.calls().map(({ kind, model }) => [kind, model]),
    [["direct", "small-model"]],
  );
});

test("what can't be had is refused in OpenAI's form, and nothing is run", async () => {
  const workflow = inOneCall("No.");
  const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
  const image = [
    { type: "text", text: "See." },
    { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
  ];
  for (const [fields, param, words] of [
    [{ tools }, "tools", /Open WebUI/],
    [{ n: 2 }, "n", /leave out n/],
    [{ logprobs: true }, "logprobs", /several models/],
    [{ messages: [user(image)] }, "messages[0].content[1]", /an image \(image_url\)/],
    [{ messages: [] }, "messages", /at least one/],
    [{ messages: [user("x".repeat(140_000))] }, "messages", /at most 131072 bytes/],
    [
      { response_format: { type: "json_schema", json_schema: { name: "n", schema: { $ref: "http://x/" } } } },
      "response_format",
      /\$ref/,
    ],
  ])
    await assert.rejects(ask(workflow, fields), (thrown) => {
      assert.ok([400, 413].includes(thrown.status), thrown.message);
      assert.equal(thrown.type, "invalid_request_error");
      assert.equal(thrown.param, param);
      assert.match(thrown.message, words);
      return true;
    });
  await assert.rejects(
    ask(workflow, { model: "gpt-5" }),
    (thrown) => thrown.status === 404 && thrown.code === "model_not_found",
  );
  assert.equal(workflow.calls().length, 0);
  await ask(workflow, { tools: [], tool_choice: "none" });
});

test("a bad token, a bad body, a wrong method and what is not there are told in OpenAI's form", async () => {
  const stranger = new OpenAI({ baseURL, apiKey: "nobody-0123456789abcdef" });
  for (const asked of [
    stranger.models.list(),
    stranger.chat.completions.create({ model: "orchestrator", messages: [user("Hi.")] }),
  ])
    await assert.rejects(asked, (thrown) => thrown.status === 401 && thrown.code === "invalid_api_key");
  assert.equal((await post("{")).json.error.code, "invalid_json");
  assert.equal((await post({ model: "orchestrator", messages: [user("x")] }, { authorization: "" })).status, 401);
  const wrong = await fetch(`${baseURL}/chat/completions`, { headers: { authorization: `Bearer ${ADA}` } });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "POST, OPTIONS");
  await assert.rejects(openai.embeddings.create({ model: "x", input: "x" }), (thrown) =>
    /choose another engine/.test(thrown.message),
  );
});

test("a run that fails is an error, whole and streamed, that the client does not repeat", async () => {
  for (const stream of [false, true]) {
    const refusal = error(400, { error: { message: "no such thing" } });
    const workflow = emulator.workflow((call) => (call.step === "plan" ? direct() : refusal));
    const asked = ask(workflow, { stream });
    const failure = stream ? (await read(asked)).error : await asked.catch((thrown) => thrown);
    assert.equal(failure.code, "BadRequest");
    assert.match(failure.message, /no such thing/);
    assert.equal(workflow.calls("plan").length, 1);
  }
});

test("what is not to be stored is gone once it was delivered", async () => {
  for (const stream of [false, true]) {
    const workflow = inOneCall("Forget it.");
    const { data, response } = await ask(workflow, { store: false, stream }).withResponse();
    const content = stream ? (await read(data)).content : contentOf(data);
    assert.equal(content, "Forget it.");
    // At the latest an hour after its end.
    assert.equal(workflow.calls().length, 2);
    const id = response.headers.get("x-workflow-id");
    await eventually("it is deleted", async () => (await api.get(`/workflows/${id}`)).status === 404);
    await eventually("the list has heard of it", async () => (await runsOf(workflow)).length === 0);
  }
});

test("a page of an allowed origin may ask; of another it may not", async () => {
  const options = {
    method: "OPTIONS",
    headers: { origin: "http://localhost:3000", "access-control-request-method": "POST" },
  };
  const preflight = await fetch(`${baseURL}/chat/completions`, options);
  assert.equal(preflight.status, 204);
  const foreign = await post({ model: "orchestrator", messages: [user("Hi.")] }, { origin: "https://evil.example" });
  assert.equal(foreign.status, 403);
  assert.equal(foreign.json.error.code, "origin_not_allowed");
});
