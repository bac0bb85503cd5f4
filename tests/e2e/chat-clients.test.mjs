// Chat completions as other people's clients ask for them: the AI SDK, LangChain, OpenAI's library for Python.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { AIMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, jsonSchema, Output, streamText } from "ai";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { openaiPython } from "../../scripts/setup/openai-python.mjs";
import { contract, direct } from "./emulators/answers.mjs";
import { held, makeGate, text } from "./emulators/scripts.mjs";
import { theRunOf } from "./support/chat.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

// Before the first test begins: what is awaited later comes after the last one has ended.
const python = await openaiPython();
const TOKEN = "token-of-ada-0123456789abc";
const worker = await startWithOpenai({ token: TOKEN, vars: { API_TOKENS: `ada:${TOKEN}` } });
const { api, emulator } = worker;
const baseURL = `${worker.url}/v1`;

const SCHEMA = {
  type: "object",
  properties: { rivers: { type: "array", items: { type: "string" } } },
  required: ["rivers"],
  additionalProperties: false,
};
const inParts = (call) => {
  if (call.step === "plan") return contract(["t1", "t2"]);
  return call.step === "subtask" ? text(`Answer of ${call.task}.`) : undefined;
};
const IN_PARTS = "The final result.\n\nAnswer of t1.\n\nAnswer of t2.";
const asJson = (call) => {
  if (call.step === "plan") return direct();
  return text(call.kind === "structure" ? '{"rivers": ["Rhine", "Po"]}' : "The Rhine and the Po.");
};
const saidTo = (call) => call.messages.map(({ content }) => content).join("\n");

/** A run that takes longer than its first two requests are waited for, by clients that don't count what they repeat. */
function repeated() {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, text("At last.")));
  // As after 240 s, but sooner.
  setTimeout(gate.open, 2_500);
  const theRun = async () => {
    await eventually("it is complete", async () => (await theRunOf(api, workflow)).status === "complete");
    assert.equal(workflow.calls().length, 1, "no call was paid twice");
  };
  return { workflow, headers: { Prefer: "wait=1" }, theRun };
}

/** A run whose server is killed while a part is written. */
function broken() {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.task === "t2" ? held(gate, inParts(call)) : inParts(call)));
  const crashed = async () => {
    await eventually("t2 is called", () => workflow.count("subtask", "t2") === 1);
    await worker.crash();
    gate.open();
  };
  return { workflow, crashed, key: { "Idempotency-Key": workflow.name } };
}

async function endedBySomebody(workflow, answer) {
  const refused = assert.rejects(answer, /was terminated before it had an answer/);
  const { id } = await theRunOf(api, workflow);
  assert.equal((await api.post(`/workflows/${id}/terminate`)).status, 200);
  await refused;
  // What would be repeated is repeated within two seconds.
  await sleep(2_500);
  await theRunOf(api, workflow);
}

// @ai-sdk/openai-compatible

const provider = createOpenAICompatible({
  name: "orchestrator",
  baseURL,
  apiKey: TOKEN,
  supportsStructuredOutputs: true,
  includeUsage: true,
});

test("the AI SDK: a whole answer and its usage", async () => {
  const prompt = emulator.workflow(inParts).prompt();
  const {
    text: answer,
    usage,
    finishReason,
    response,
  } = await generateText({ model: provider("orchestrator"), prompt });
  assert.equal(answer, IN_PARTS);
  assert.equal(finishReason, "stop");
  assert.ok(usage.totalTokens > 0);
  assert.equal(response.id, `chatcmpl-${response.headers["x-workflow-id"]}`);
});

test("the AI SDK: a stream, whose progress is reasoning", async () => {
  const prompt = emulator.workflow(inParts).prompt();
  const parts = { text: "", reasoning: "" };
  const result = streamText({ model: provider("orchestrator"), prompt });
  for await (const part of result.stream) {
    if (part.type === "text-delta") parts.text += part.text;
    if (part.type === "reasoning-delta") parts.reasoning += part.text;
    assert.notEqual(part.type, "error", JSON.stringify(part));
  }
  assert.equal(parts.text, IN_PARTS);
  assert.match(parts.reasoning, /^Planning\.\nThe plan has 2 parts:/);
  assert.ok((await result.usage).totalTokens > 0);
  assert.equal(await result.finishReason, "stop");
});

test("the AI SDK: an object that fits a schema", async () => {
  const prompt = emulator.workflow(asJson).prompt();
  const output = Output.object({ schema: jsonSchema(SCHEMA) });
  const result = await generateText({ model: provider("orchestrator"), prompt, output });
  assert.deepEqual(result.output, { rivers: ["Rhine", "Po"] });
});

test("the AI SDK: an object of a zod schema, whose JSON Schema is draft-07", async () => {
  const prompt = emulator.workflow(asJson).prompt();
  const output = Output.object({ schema: z.object({ rivers: z.array(z.string()) }) });
  const result = await generateText({ model: provider("orchestrator"), prompt, output });
  assert.deepEqual(result.output, { rivers: ["Rhine", "Po"] });
});

test("the AI SDK: what was answered 504 is repeated by the client, and joins the run", async () => {
  const { workflow, headers, theRun } = repeated();
  const { text: answer } = await generateText({
    model: provider("orchestrator-direct"),
    prompt: workflow.prompt(),
    headers,
  });
  assert.equal(answer, "At last.");
  await theRun();
});

test("the AI SDK: with a key its own repetition is answered by the run that a kill -9 broke", async () => {
  const { workflow, crashed, key } = broken();
  const answer = generateText({ model: provider("orchestrator"), prompt: workflow.prompt(), headers: key });
  await crashed();
  assert.equal((await answer).text, IN_PARTS);
  await theRunOf(api, workflow);
});

test("the AI SDK: a run that somebody ends is not begun anew", async () => {
  const workflow = emulator.workflow(() => ({ kind: "hang" }));
  await endedBySomebody(workflow, generateText({ model: provider("orchestrator"), prompt: workflow.prompt() }));
});

test("the AI SDK: a bad token and a refusal are errors with our words", async () => {
  const stranger = createOpenAICompatible({ name: "stranger", baseURL, apiKey: "nobody-0123456789abcdef" });
  await assert.rejects(
    generateText({ model: stranger("orchestrator"), prompt: "Hi." }),
    (thrown) => thrown.statusCode === 401,
  );
  const failed = generateText({ model: provider("gpt-5"), prompt: "Hi." });
  await assert.rejects(failed, (thrown) => thrown.statusCode === 404 && /orchestrator-thorough/.test(thrown.message));
});

test("the AI SDK: an attempt that dies in the stream is an error, and no mixture", async () => {
  let attempts = 0;
  const workflow = emulator.workflow(() => {
    attempts += 1;
    return attempts === 1
      ? text("The first attempt says this and", { pauseMs: 25, ending: "cut" })
      : text("The second one something else.", { pauseMs: 5 });
  });
  let seen = "";
  let failure = null;
  for await (const part of streamText({
    model: provider("orchestrator-direct"),
    prompt: workflow.prompt(),
    onError() {},
  }).stream) {
    if (part.type === "text-delta") seen += part.text;
    if (part.type === "error") failure = part.error;
  }
  assert.match(String(failure?.message ?? failure), /repeat the request/);
  assert.ok("The first attempt says this and".startsWith(seen), seen);
});

// @langchain/openai

const langchain = (fields = {}) =>
  new ChatOpenAI({ model: "orchestrator", apiKey: TOKEN, configuration: { baseURL }, ...fields });

test("LangChain: a conversation, whole", async () => {
  const workflow = emulator.workflow(() => text("Less."));
  const answer = await langchain().invoke([
    new SystemMessage("Speak like a sailor."),
    new HumanMessage("How deep is the sea?"),
    new AIMessage("About 3,700 metres."),
    new HumanMessage(workflow.prompt("Shorter.")),
  ]);
  assert.equal(answer.content, "Less.");
  assert.ok(answer.usage_metadata.total_tokens > 0);
  const said = saidTo(workflow.calls()[0]);
  for (const words of ["Speak like a sailor.", "How deep is the sea?", "About 3,700 metres."])
    assert.ok(said.includes(words));
});

test("LangChain: a stream", async () => {
  let content = "";
  let usage = null;
  for await (const chunk of await langchain().stream(emulator.workflow(inParts).prompt())) {
    content += chunk.content;
    usage = chunk.usage_metadata ?? usage;
  }
  assert.equal(content, IN_PARTS);
  assert.ok(usage.total_tokens > 0);
});

test("LangChain: an object that fits a schema, by the method jsonSchema", async () => {
  const model = langchain().withStructuredOutput(SCHEMA, { name: "rivers", method: "jsonSchema" });
  assert.deepEqual(await model.invoke(emulator.workflow(asJson).prompt()), { rivers: ["Rhine", "Po"] });
  const byTools = langchain({ maxRetries: 0 }).withStructuredOutput(SCHEMA, {
    name: "rivers",
    method: "functionCalling",
  });
  await assert.rejects(byTools.invoke("Hi."), /no tools can be called here/);
});

test("LangChain: what was answered 504 is repeated by the client, and joins the run", async () => {
  const { workflow, headers, theRun } = repeated();
  const configuration = { baseURL, defaultHeaders: headers };
  const answer = await langchain({ model: "orchestrator-direct", configuration }).invoke(workflow.prompt());
  assert.equal(answer.content, "At last.");
  await theRun();
});

test("LangChain: with a key its own repetition is answered by the run that a kill -9 broke", async () => {
  const { workflow, crashed, key } = broken();
  const answer = langchain().invoke(workflow.prompt(), { options: { headers: key } });
  await crashed();
  assert.equal((await answer).content, IN_PARTS);
  await theRunOf(api, workflow);
});

test("LangChain: a run that somebody ends is not begun anew", async () => {
  const workflow = emulator.workflow(() => ({ kind: "hang" }));
  await endedBySomebody(workflow, langchain().invoke(workflow.prompt()));
});

test("OpenAI's library: an object of a zod schema, by both of its doors", async () => {
  const openai = new OpenAI({ baseURL, apiKey: TOKEN });
  const River = z.object({ name: z.string() });
  const schema = z.object({ rivers: z.array(z.string()), longest: River, next: River.nullable() });
  const made = { rivers: ["Rhine", "Po"], longest: { name: "Rhine" }, next: null };
  const asMade = (call) => {
    if (call.step === "plan") return direct();
    return text(call.kind === "structure" ? JSON.stringify(made) : "The Rhine and the Po.");
  };
  const prompt = () => emulator.workflow(asMade).prompt();
  const completion = await openai.chat.completions.parse({
    model: "orchestrator",
    messages: [{ role: "user", content: prompt() }],
    response_format: zodResponseFormat(schema, "rivers"),
  });
  assert.deepEqual(completion.choices[0].message.parsed, made);
  const response = await openai.responses.parse({
    model: "orchestrator",
    input: prompt(),
    text: { format: zodTextFormat(schema, "rivers") },
  });
  assert.deepEqual(response.output_parsed, made);
});

test("LangChain: a bad token", async () => {
  await assert.rejects(langchain({ apiKey: "nobody-0123456789abcdef" }).invoke("Hi."), /bearer token|API key|token/i);
});

// openai of PyPI

const skip = python === null && "there is no Python for it";
const program = path.join(fileURLToPath(new URL("openai-python", import.meta.url)), "client.py");

/** What came of each job, in order. One process, because Python takes a while to load the library. */
async function asked(jobs, onRepetition) {
  const argument = JSON.stringify({ url: baseURL, token: TOKEN, jobs });
  const env = { ...process.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
  const child = spawn(python, [program, argument], { env, stdio: ["ignore", "pipe", "inherit"] });
  const results = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line);
    if ("repetition" in told) onRepetition(told.repetition);
    else results.push(told);
  }
  assert.equal(results.length, jobs.length);
  return results;
}

test("Python: models, whole, streamed, a schema, errors, and a time-out shorter than the run", { skip }, async () => {
  const gate = makeGate();
  const slow = emulator.workflow((call) => (call.step === "plan" ? direct() : held(gate, text("At last."))));
  let repetitions = 0;
  const [listed, whole, stream, parsed, stranger, unknown, late] = await asked(
    [
      { do: "models" },
      { do: "whole", prompt: emulator.workflow(inParts).prompt() },
      { do: "stream", prompt: emulator.workflow(inParts).prompt() },
      { do: "parse", prompt: emulator.workflow(asJson).prompt() },
      { do: "whole", token: "nobody-0123456789abcdef" },
      { do: "stream", model: "gpt-5" },
      { do: "whole", timeout: 0.7, prompt: slow.prompt() },
    ],
    () => {
      repetitions += 1;
      gate.open();
    },
  );
  assert.deepEqual(listed.models, ["orchestrator", "orchestrator-direct", "orchestrator-thorough"]);
  assert.equal(whole.content, IN_PARTS);
  assert.equal(whole.finish, "stop");
  assert.ok(whole.total > 0 && whole.workflow);
  assert.equal(stream.content, IN_PARTS);
  assert.match(stream.reasoning, /^Planning\.\nThe plan has 2 parts:/);
  assert.ok(stream.total > 0);
  assert.deepEqual(parsed, { rivers: ["Rhine", "Po"] });
  assert.equal(stranger.status, 401);
  assert.equal(stranger.code, "invalid_api_key");
  assert.equal(unknown.code, "model_not_found");
  assert.equal(late.content, "At last.");
  assert.equal(late.joined, "true");
  assert.ok(repetitions >= 1);
  assert.equal(slow.calls("plan").length, 1);
});
