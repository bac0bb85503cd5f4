// The door of Responses as the AI SDK (`@ai-sdk/open-responses`), LangChain (`useResponsesApi`) and OpenAI's library
// for Python ask for them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createOpenResponses } from "@ai-sdk/open-responses";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, jsonSchema, Output, streamText } from "ai";
import { openaiPython } from "../../scripts/setup/openai-python.mjs";
import { error, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { startWithOpenai } from "./support/worker.mjs";

// Before the first test begins: what is awaited later comes after the last one has ended.
const python = await openaiPython();
const TOKEN = "token-of-alice-0123456789";
const worker = await startWithOpenai({ vars: { API_TOKENS: `alice:${TOKEN}` }, token: TOKEN });
const { url, emulator } = worker;

const providerOf = (apiKey) => createOpenResponses({ name: "orchestrator", url: `${url}/v1/responses`, apiKey });
const provider = providerOf(TOKEN);
const model = provider("orchestrator");
const direct = provider("orchestrator-direct");

test("generateText gives the text, the usage and how the run went", async () => {
  const workflow = emulator.workflow();
  const result = await generateText({ model, prompt: workflow.prompt() });
  assert.match(result.text, /The final result/);
  assert.equal(result.finishReason, "stop");
  assert.ok(result.usage.outputTokens > 0);
  assert.match(result.reasoningText, /The plan has 3 parts/);
});

test("streamText streams the reasoning, then the text", async () => {
  const workflow = emulator.workflow();
  const result = streamText({ model, prompt: workflow.prompt() });
  const parts = [];
  for await (const part of result.fullStream) parts.push(part);
  const types = [...new Set(parts.map(({ type }) => type))];
  for (const type of ["reasoning-start", "reasoning-delta", "reasoning-end", "text-start", "text-delta", "text-end"])
    assert.ok(types.includes(type), `${type} is not among ${types}`);
  assert.ok(!types.includes("error"), JSON.stringify(parts.find(({ type }) => type === "error")));
  assert.match(await result.reasoningText, /Part 3 of 3 is done/);
  assert.match(await result.text, /The final result/);
  assert.equal(await result.finishReason, "stop");
});

test("a conversation goes on by its messages, and the system's are instructions", async () => {
  const workflow = emulator.workflow((call) => {
    const shown = call.messages.map(({ content }) => content).join("\n");
    return text(/Be brief/.test(shown) && /My name is Ada[\s\S]*Hello Ada/.test(shown) ? "Ada." : "?");
  });
  const { text: answer } = await generateText({
    model: direct,
    system: "Be brief.",
    messages: [
      { role: "user", content: "My name is Ada." },
      { role: "assistant", content: "Hello Ada!" },
      { role: "user", content: workflow.prompt("Who am I?") },
    ],
  });
  assert.equal(answer, "Ada.");
});

test("an object of a schema", async () => {
  const workflow = emulator.workflow((call) => text(call.step === "structure" ? '{"city": "Rome"}' : "Rome."));
  const schema = jsonSchema({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  });
  const { output } = await generateText({
    model: direct,
    prompt: workflow.prompt(),
    output: Output.object({ schema }),
  });
  assert.deepEqual(output, { city: "Rome" });
});

test("maxOutputTokens ends the text by its length", async () => {
  const workflow = emulator.workflow(() => text("word ".repeat(60)));
  const result = await generateText({ model: direct, prompt: workflow.prompt(), maxOutputTokens: 20 });
  assert.deepEqual([result.finishReason, result.text.length], ["length", 80]);
});

test("errors: a bad token, a tool, a run that fails", async () => {
  const call = (settings) => generateText({ maxRetries: 0, ...settings });
  await assert.rejects(call({ model: providerOf("wrong-token-0123456789")("orchestrator"), prompt: "x" }), (thrown) => {
    assert.equal(thrown.statusCode, 401);
    return true;
  });
  const weather = { inputSchema: jsonSchema({ type: "object", properties: {} }) };
  await assert.rejects(call({ model, prompt: "x", tools: { weather } }), /Leave out tools/);
  const workflow = emulator.workflow(() => error(400, { error: { message: "I will not." } }));
  await assert.rejects(call({ model: direct, prompt: workflow.prompt() }), /I will not/);
  const errors = [];
  const failing = streamText({
    model: direct,
    prompt: workflow.prompt(),
    onError: (event) => errors.push(event.error),
  });
  await failing.consumeStream();
  assert.equal(await failing.finishReason, "error");
  assert.match(String(errors[0]?.message ?? errors[0]), /I will not/);
});

test("after kill -9 in mid fan-out the same request is answered by the run that goes on", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["quick", "slow"]);
    return call.task === "slow" ? held(gate, text("Answer of slow.")) : undefined;
  });
  const asked = { model, prompt: workflow.prompt(), headers: { "Idempotency-Key": "key-of-ai-sdk" } };
  const first = streamText({ ...asked, maxRetries: 0, onError: () => {} });
  const broken = async () => {
    for await (const part of first.fullStream) if (/Part 1 of 2/.test(part.text)) await worker.crash();
  };
  await assert.rejects(broken, "the first stream is broken");
  gate.open();
  const second = streamText(asked);
  assert.match(await second.text, /The final result/);
  assert.match(await second.reasoningText, /was lost with its host and is made again/);
  assert.equal(workflow.count("subtask", "quick"), 1);
});

test("LangChain: whole, streamed, and gone on with", async () => {
  const llm = new ChatOpenAI({
    model: "orchestrator-direct",
    apiKey: TOKEN,
    useResponsesApi: true,
    configuration: { baseURL: `${url}/v1` },
  });
  const first = emulator.workflow(() => text("Of 1969."));
  const before = await llm.invoke([
    ["system", "Be brief."],
    ["human", first.prompt("When was it?")],
  ]);
  assert.equal(before.text, "Of 1969.");
  assert.ok(before.usage_metadata.total_tokens > 0);
  const second = emulator.workflow((call) => text(/Of 1969\./.test(JSON.stringify(call.messages)) ? "In July." : "?"));
  const pieces = [];
  const asked = { previous_response_id: before.response_metadata.id };
  for await (const chunk of await llm.stream(second.prompt("Which month?"), asked)) pieces.push(chunk.text);
  assert.equal(pieces.join(""), "In July.");
});

const skip = python === null && "there is no Python for it";

test("OpenAI's library for Python: whole, polled, streamed, resumed, parsed, cancelled, deleted", {
  skip,
}, async () => {
  const workflow = emulator.workflow((call) =>
    text(call.step === "structure" ? '{"rivers": ["Rhine", "Po"]}' : "The Rhine and the Po."),
  );
  const program = fileURLToPath(new URL("openai-python/responses.py", import.meta.url));
  const asked = [program, `${url}/v1`, TOKEN, workflow.prompt("Two rivers.")];
  const env = { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
  const { stdout } = await promisify(execFile)(python, asked, { env });
  assert.deepEqual(JSON.parse(stdout), {
    whole: ["completed", "The Rhine and the Po."],
    polled: ["completed", "The Rhine and the Po."],
    stream: ["response.created", "completed", "The Rhine and the Po."],
    rest: [true, "response.completed"],
    items: ["user"],
    parsed: ["Rhine", "Po"],
    cancelled: "completed",
    deleted: "not_found",
    stranger: "invalid_api_key",
  });
});
