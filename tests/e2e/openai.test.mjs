// The `openai` provider against the habits and the accidents of real OpenAI-compatible servers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startOpenai } from "./emulators/openai.mjs";
import { refuses } from "./emulators/openai-errors.mjs";
import { html, plan, planJson, text } from "./emulators/scripts.mjs";
import { stepOf } from "./support/api.mjs";
import { startForFile, startWithOpenai } from "./support/worker.mjs";

const { api, emulator } = await startWithOpenai();

/** Of two subtasks the calls of `t1` go by `subtask`. */
function oneSubtask(subtask) {
  return emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t1" ? subtask(call) : undefined;
  });
}

/** Runs it, and gives the subtask's answer and step. */
async function answerTo(subtask) {
  const workflow = oneSubtask(subtask);
  const status = await api.run(workflow.prompt());
  return { answer: status.output.workerResponses[0], step: stepOf(status, "subtask/t1"), status, workflow };
}

const WORDS = 'Grüße, 世界 🌍! «One»\n\n```js\nlet x = "data: [DONE]";\n```\nEnd.';

for (const writes of [1, 2, 7]) {
  test(`a stream in TCP writes of ${writes} bytes loses no character`, async () => {
    const { answer } = await answerTo(() => text(WORDS, { writes }));
    assert.equal(answer, WORDS);
  });
}

test("a token that is half a character's worth of text is no trouble", async () => {
  const { answer } = await answerTo(() => text("ab", { pieces: ["a", "", "b"] }));
  assert.equal(answer, "ab");
});

test("comments, unknown events, CRLF, malformed lines and a missing space after data: are passed over", async () => {
  const { answer, step } = await answerTo(() => text(WORDS, { noise: true, tight: true }));
  assert.equal(answer, WORDS);
  assert.equal(step.attempts.length, 1);
});

test("usage that comes late is counted, and usage that never comes is estimated and marked", async () => {
  const told = await answerTo(() => undefined);
  assert.equal(told.step.attempts[0].usage.estimated, false);
  assert.equal(told.step.attempts[0].usage.completion_tokens, 4);
  const untold = await answerTo(() => text("Some words.", { usage: false }));
  assert.equal(untold.step.attempts[0].usage.estimated, true);
  assert.ok(untold.step.attempts[0].usage.completion_tokens > 0);
  assert.equal(untold.status.usage.estimated, true);
});

for (const [ending, what] of [
  ["cut", "a connection reset in mid-stream"],
  ["end", "a stream that ends with neither a finish reason nor [DONE]"],
  ["error", "an error object in the stream"],
]) {
  test(`${what} is a failed attempt, not an answer`, async () => {
    const { answer, step } = await answerTo((call) =>
      call.number === 1 ? text("Half an ans", { ending }) : undefined,
    );
    assert.equal(answer, "Answer of t1.");
    assert.deepEqual(
      step.attempts.map((attempt) => attempt.success),
      [false, true],
    );
  });
}

test("a finish reason without [DONE] is the end", async () => {
  const { answer, step } = await answerTo(() => text("Done.", { usage: true, finish: "stop" }));
  assert.equal(answer, "Done.");
  assert.equal(step.attempts.length, 1);
});

test("plain JSON instead of a stream is an answer", async () => {
  const { answer, step } = await answerTo(() => text(WORDS, { whole: true }));
  assert.equal(answer, WORDS);
  assert.equal(step.attempts.length, 1);
});

test("a page of HTML is a failed attempt that names the status", async () => {
  const { answer, step } = await answerTo((call) => (call.number === 1 ? html(502) : undefined));
  assert.equal(answer, "Answer of t1.");
  assert.match(step.attempts[0].error.message, /502/);
});

test("HTML with status 200, as a captive portal or a wrong base URL gives it, is no answer, not repeated", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : html(200)));
  const status = await api.run(workflow.prompt(), "errored");
  assert.match(status.error.message, /HTML.*base URL/);
  assert.equal(workflow.count("subtask", "t1"), 1);
});

test("thinking in tags is stripped, also when the tags are split", async () => {
  const thought = "<think>First I\nwonder.</think>\n\nThe answer.";
  assert.equal((await answerTo(() => text(thought))).answer.trim(), "The answer.");
  assert.equal((await answerTo(() => text(thought, { pieces: [...thought] }))).answer.trim(), "The answer.");
});

test("thinking in a field of its own is no part of the answer", async () => {
  const { answer } = await answerTo(() => text("The answer.", { reasoning: "First I wonder. Then I know." }));
  assert.equal(answer, "The answer.");
});

test("thinking that never comes to an answer is a failed attempt", async () => {
  const { answer, step } = await answerTo((call) =>
    call.number === 1 ? text("", { reasoning: "Hm. Hm.", finish: "length" }) : undefined,
  );
  assert.equal(answer, "Answer of t1.");
  assert.equal(step.attempts[0].success, false);
});

test("a plan after thinking aloud is a plan", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? text(`<think>{"tasks": "?"}</think>${planJson(["a", "b"])}`) : undefined,
  );
  const status = await api.run(workflow.prompt());
  assert.equal(workflow.count("plan"), 1);
  assert.deepEqual(status.output.workerResponses, ["Answer of a.", "Answer of b."]);
});

test("a key that the server refuses is told by status, and the key appears nowhere", async () => {
  const other = await startOpenai({ key: "sk-the-right-one" });
  const worker = await startForFile({
    vars: {
      MODEL_PROVIDER: "openai",
      OPENAI_BASE_URL: `${other.url}/v1`,
      OPENAI_API_KEY: "sk-the-wrong-one",
      BIG_MODEL: "big-model",
      SMALL_MODEL: "small-model",
    },
  });
  const status = await worker.api.run("Write.", "errored");
  assert.match(status.error.message, /401/);
  assert.ok(!JSON.stringify(status).includes("sk-the-wrong-one"));
  assert.ok(worker.logs().length > 0);
  assert.ok(!JSON.stringify(worker.logs()).includes("sk-the-wrong-one"));
  await other.close();
});

// Each in the words of the server that refuses it.
const REFUSALS = [
  ["openai", "max_tokens"],
  ["openai", "temperature"],
  ["openai", "reasoning_effort"],
  ["openai", "response_format"],
  ["openai", "stream_options"],
  ["vllm", "stream_options"],
  ["vllm", "reasoning_effort"],
  ["vllm", "response_format"],
  ["ollama", "reasoning_effort"],
  ["llama.cpp", "response_format"],
];

/**
 * Models of its own for each case, because what was refused is remembered per model. Only reasoning models are told an
 * effort.
 */
function modelOf(size, index) {
  return `${size}-${index}/${REFUSALS[index][1] === "reasoning_effort" ? "qwen3" : "llama"}`;
}

const refusing = await startWithOpenai({
  vars: {
    BIG_MODEL: REFUSALS.map((_, index) => modelOf("big", index)).join(),
    SMALL_MODEL: REFUSALS.map((_, index) => modelOf("small", index)).join(),
  },
});

/** Calls at the same time would all learn what the first one of others has learnt already. */
const ONE_BY_ONE = ["t1", { id: "t2", depends_on: ["t1"] }];

for (const [index, [server, parameter]] of REFUSALS.entries()) {
  test(`${parameter}, refused in the words of ${server}, is replaced or left out within the attempt`, async () => {
    const workflow = refusing.emulator.workflow((call) => {
      if (parameter in call.body) return refuses[server][parameter];
      return call.step === "plan" ? plan(ONE_BY_ONE) : undefined;
    });
    const body = {
      prompt: workflow.prompt(),
      options: { big_model: modelOf("big", index), small_model: modelOf("small", index) },
    };
    const status = await refusing.api.run(body);
    assert.deepEqual(status.output.workerResponses, ["Answer of t1.", "Answer of t2."]);
    for (const step of status.steps)
      assert.deepEqual(
        step.attempts.map(({ success }) => success),
        [true],
        step.name,
      );
    const refused = workflow.calls().filter((call) => parameter in call.body);
    assert.ok(refused.length >= 1, "the parameter was sent at first");
    // The same model is not asked twice the same way.
    const ways = refused.map(({ model, body: asked }) => JSON.stringify([model, asked[parameter]]));
    assert.deepEqual(ways, [...new Set(ways)]);
  });
}

test("what a model refused is remembered from one workflow to the next", async () => {
  const forgetful = await startWithOpenai();
  const script = (call) => ("max_tokens" in call.body ? refuses.openai.max_tokens : undefined);
  const [first, second] = [1, 2].map(() => forgetful.emulator.workflow(script));
  await forgetful.api.run(first.prompt());
  await forgetful.api.run(second.prompt());
  assert.equal(second.calls().filter((call) => "max_tokens" in call.body).length, 0);
});

test("every parameter refused, one after another, still gives an answer within one attempt a step", async () => {
  const strict = await startWithOpenai({ vars: { BIG_MODEL: "big/qwen3", SMALL_MODEL: "small/llama" } });
  const order = ["max_tokens", "temperature", "reasoning_effort", "response_format", "stream_options"];
  const workflow = strict.emulator.workflow((call) => {
    const found = order.find((parameter) => parameter in call.body);
    if (found) return refuses.openai[found];
    return call.step === "plan" ? plan(ONE_BY_ONE) : undefined;
  });
  const status = await strict.api.run(workflow.prompt());
  assert.deepEqual(status.output.workerResponses, ["Answer of t1.", "Answer of t2."]);
  for (const step of status.steps) assert.equal(step.attempts.length, 1, step.name);
});

for (const flavour of ["vllm", "llama.cpp"]) {
  test(`a whole run against ${flavour}`, async () => {
    const other = await startWithOpenai({ emulator: { flavour } });
    const status = await other.api.run(other.emulator.workflow().prompt());
    assert.deepEqual(status.output.workerResponses, ["Answer of t1.", "Answer of t2.", "Answer of t3."]);
    assert.equal(status.usage.estimated, false);
  });
}

test("the plan asks for its schema, everything else for text, and all are streamed but the plan", async () => {
  const workflow = emulator.workflow();
  await api.run(workflow.prompt());
  const [planCall] = workflow.calls("plan");
  const { json_schema } = planCall.body.response_format;
  assert.ok(json_schema.name);
  assert.equal(json_schema.schema.type, "object");
  assert.ok(json_schema.schema.properties.tasks);
  for (const call of [...workflow.calls("subtask"), ...workflow.calls("synthesis")]) {
    assert.equal(call.body.stream, true);
    assert.equal(call.body.stream_options?.include_usage, true);
    assert.ok(!("response_format" in call.body));
  }
});
