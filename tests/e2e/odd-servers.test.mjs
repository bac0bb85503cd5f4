// Whole runs against servers that answer oddly, as public reports tell of them: what a user is given in the end. The
// rows of `src/providers/wire/behaviours` hold each reply and refusal natively; here workerd, the transport, the engine
// and its retries stand between them and the answer.
//
// What is learnt of a model's parameters lasts as long as the isolate, so a test that teaches has a model of its own.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { error, plan, raw, text } from "./emulators/scripts.mjs";
import { stepOf } from "./support/api.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const BIG = ["big-1", "big-2", "big-ceiling", "big-nested", "big-system", "big-unknown", "big-schema"];
const { emulator, api } = await startWithOpenai({ vars: { BIG_MODEL: BIG.join(","), SMALL_MODEL: "small-1,small-2" } });

const DONE = "data: [DONE]\n\n";
const json = (value) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta, finish = null) => json({ id: "c", choices: [{ index: 0, delta, finish_reason: finish }] });
const badRequest = (message, more = {}) =>
  error(400, { error: { message, type: "invalid_request_error", param: null, code: null, ...more } });

/**
 * Runs a workflow whose syntheses are answered by `reply(call)`, its plans by `planned(call)`. Resolves to STATUS, and
 * the calls of the synthesis and of the plan.
 */
async function run(reply, { model = "big-1", planned = () => undefined, wanted = "complete" } = {}) {
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return planned(call);
    return call.step === "synthesis" ? reply(call) : undefined;
  });
  const body = { prompt: workflow.prompt(), options: { big_model: model } };
  const status = await api.run(body, wanted, 30_000);
  return { status, calls: workflow.calls("synthesis"), plans: workflow.calls("plan") };
}

/** A first reply, and a good one afterwards. */
const once = (script) => (call) => (call.number === 1 ? script : text("Whole."));

const attemptErrors = (status, step = "synthesis") =>
  stepOf(status, step)
    .attempts.filter((attempt) => !attempt.success)
    .map((attempt) => attempt.error);

describe("odd servers", { concurrency: true }, () => {
  test("a last chunk that repeats the whole text gives it once", async () => {
    const message = { role: "assistant", content: "One river. Two lakes." };
    const { status } = await run(() =>
      raw([
        chunk({ role: "assistant", content: "" }),
        chunk({ content: "One river. " }),
        chunk({ content: "Two lakes." }),
        json({ object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message }] }),
        DONE,
      ]),
    );
    assert.equal(status.output.finalResult, "One river. Two lakes.");
  });

  test("chunks that hold all text so far give it once", async () => {
    const sofar = (content, finish = null) =>
      json({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }] });
    const { status } = await run(() => raw([sofar("One"), sofar("One two"), sofar("One two three", "stop"), DONE]));
    assert.equal(status.output.finalResult, "One two three");
  });

  for (const finish of ["network_error", "insufficient_system_resource"]) {
    test(`the finish reason ${finish} is a failed attempt, which is repeated`, async () => {
      const { status, calls } = await run(
        once(raw([chunk({ content: "The first half of the ans" }), chunk({}, finish), DONE])),
      );
      assert.equal(status.output.finalResult, "Whole.");
      assert.equal(calls.length, 2);
      assert.equal(attemptErrors(status).length, 1);
    });
  }

  test("a filter's finish reason in capitals is no plain success, and the next model is asked", async () => {
    const half = raw([chunk({ content: "The first half of the ans" }), chunk({}, "SAFETY"), DONE]);
    const { status, calls } = await run(once(half));
    assert.equal(status.output.finalResult, "Whole.");
    assert.equal(attemptErrors(status)[0].name, "ContentFiltered");
    assert.notEqual(calls[0].model, calls[1].model);
  });

  test("an unknown finish reason is asked again once, and then kept with a warning that quotes it", async () => {
    const { status, calls } = await run(() => raw([chunk({ content: "Perhaps whole" }), chunk({}, "gremlins"), DONE]));
    assert.equal(calls.length, 2);
    assert.equal(status.output.finalResult, "Perhaps whole");
    const warning = status.warnings.find(({ step }) => step === "synthesis");
    assert.match(warning?.message ?? "no warning", /gremlins/);
  });

  test("channels of reasoning are left out of the answer", async () => {
    const { status } = await run(() =>
      raw([
        chunk({ content: "<|channel|>analysis<|message|>I should think about it.<|end|>" }),
        chunk({ content: "<|start|>assistant<|channel|>final<|message|>" }),
        chunk({ content: "The answer is four." }),
        chunk({}, "stop"),
        DONE,
      ]),
    );
    assert.equal(status.output.finalResult, "The answer is four.");
  });

  test("an answer that stands in the reasoning alone is an error that says so", async () => {
    const thought = raw([
      chunk({ content: null }),
      chunk({ reasoning_content: "It is four." }),
      chunk({}, "stop"),
      DONE,
    ]);
    const { status } = await run(once(thought));
    assert.equal(status.output.finalResult, "Whole.");
    const [failed] = attemptErrors(status);
    assert.equal(failed.name, "EmptyReply");
    assert.match(failed.message, /reasoning/);
    assert.ok(status.usage.model_calls > 5, "the empty reply's call counts");
  });

  for (const [what, parts] of Object.entries({
    "an error event in plain words": [chunk({ content: "Half an ans" }), "event: error\ndata: upstream lost\n\n", DONE],
    "a chunk that is cut off": [
      chunk({ content: "Alpha " }),
      'data: {"choices":[{"index":0,"delta":{"content":"Beta \n\n',
      chunk({ content: "Gamma" }),
      chunk({}, "stop"),
      DONE,
    ],
    "a last chunk that is cut off": [
      chunk({ content: "The first half of the ans" }),
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"leng\n\n',
      DONE,
    ],
  })) {
    test(`${what} fails the attempt, which is repeated`, async () => {
      const { status, calls } = await run(once(raw(parts)));
      assert.equal(status.output.finalResult, "Whole.");
      assert.equal(calls.length, 2);
    });
  }

  test("an emoji whose halves come in two chunks is whole", async () => {
    const half = (content) =>
      `data: {"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`;
    const { status } = await run(() => raw([half("Party \\ud83c"), half("\\udf89 time"), chunk({}, "stop"), DONE]));
    assert.equal(status.output.finalResult, "Party 🎉 time");
  });

  test("a ceiling of the limit told in a range is kept to", async () => {
    const asked = ({ body }) => Math.max(body.max_tokens ?? 0, body.max_completion_tokens ?? 0);
    const { status } = await run(
      (call) =>
        asked(call) > 4096
          ? badRequest("max_tokens must be in the range [1, 4096]", { code: "invalid_parameter_error" })
          : text(`Whole, in ${asked(call)}.`),
      { model: "big-ceiling" },
    );
    assert.equal(status.output.finalResult, "Whole, in 4096.");
    assert.equal(attemptErrors(status).length, 0);
  });

  test("a refusal to plan is quoted in the error", async () => {
    const refusal = raw([
      chunk({ role: "assistant", content: null, refusal: "" }),
      chunk({ refusal: "I can't " }),
      chunk({ refusal: "help with that." }),
      chunk({}, "stop"),
      DONE,
    ]);
    const { status, plans } = await run(() => undefined, { planned: () => refusal, wanted: "errored" });
    assert.match(status.error.message, /I can't help with that\./);
    assert.ok(new Set(plans.map((call) => call.model)).size > 1, "a second model is asked");
  });

  test("a context that the limit of the reply does not fit is asked with a smaller one", async () => {
    const { status } = await run(({ body }) => {
      const asked = body.max_tokens ?? body.max_completion_tokens;
      const message =
        `maximum context length is 4096 tokens, requested ${asked + 700} (700 in the messages, ` +
        `${asked} in the completion)`;
      return asked > 3000
        ? error(400, { object: "error", message, type: "BadRequestError", param: null, code: 400 })
        : text("Fits.");
    });
    assert.equal(status.output.finalResult, "Fits.");
  });

  test("a wait that only the body tells is waited for", async () => {
    const wait = [
      {
        error: {
          code: 429,
          message: "Quota exceeded for requests per minute",
          status: "RESOURCE_EXHAUSTED",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2.25s" }],
        },
      },
    ];
    const { status, calls } = await run(once(error(429, wait)));
    assert.equal(status.output.finalResult, "Whole.");
    assert.ok(calls[1].arrivedAt - calls[0].arrivedAt >= 2_200, `${calls[1].arrivedAt - calls[0].arrivedAt} ms`);
  });

  test("JSON of the model that its server could not validate is asked for again", async () => {
    const invalid = badRequest("The JSON that was generated does not validate", { code: "json_validate_failed" });
    const { plans } = await run(() => undefined, {
      model: "big-schema",
      planned: (call) => (call.number === 1 ? invalid : plan(["t1", "t2"])),
    });
    assert.equal(plans.length, 2);
    assert.equal(plans[0].model, plans[1].model);
  });

  test("a refused field in a nested detail is left out", async () => {
    const detail = [{ type: "extra_forbidden", loc: ["body", "stream_options"], msg: "not known here", input: {} }];
    const refused = error(422, {
      object: "error",
      message: { detail },
      type: "invalid_request_error",
      param: null,
      code: null,
    });
    const unlessAsked = ({ body }, good) => (body.stream_options ? refused : good);
    const { status } = await run((call) => unlessAsked(call, text("Whole.")), {
      model: "big-nested",
      planned: (call) => unlessAsked(call, plan(["t1", "t2"])),
    });
    assert.equal(status.output.finalResult, "Whole.");
  });

  test("a server that refuses the system role in words of its own gets none", async () => {
    const { status, plans } = await run(() => undefined, {
      model: "big-system",
      planned: ({ body }) =>
        body.messages[0].role === "system"
          ? error(400, {
              error: { message: "Developer instruction is not enabled", code: 400, status: "INVALID_ARGUMENT" },
            })
          : plan(["t1", "t2"]),
    });
    assert.equal(status.status, "complete");
    assert.equal(attemptErrors(status, "plan").length, 0);
    assert.equal(plans.at(-1).body.messages[0].role, "user");
  });

  test("whatever a server refuses in words that nobody knows, the barest body is tried", async () => {
    const isBare = ({ body }) =>
      Object.keys(body).every((key) => ["model", "messages", "max_tokens", "stream"].includes(key)) &&
      body.messages.every((message) => message.role === "user" || message.role === "assistant");
    const { status } = await run(
      (call) => (isBare(call) ? text("Whole.") : badRequest("E1207: the moon is in the wrong house")),
      {
        model: "big-unknown",
        planned: (call) => (isBare(call) ? plan(["t1", "t2"]) : badRequest("E1207: the moon is in the wrong house")),
      },
    );
    assert.equal(status.output.finalResult, "Whole.");
    assert.equal(attemptErrors(status).length, 0);
  });

  test("a wait of a quarter of an hour sends to the next model", async () => {
    const { status, calls } = await run(once(error(429, {}, { "retry-after": "900" })));
    assert.equal(status.output.finalResult, "Whole.");
    assert.notEqual(calls[0].model, calls[1].model);
  });
});
