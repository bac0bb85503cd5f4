// The `workers-ai` provider through workerd's own `AI` binding, with the service behind it emulated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hang, html, plan, planJson, tasksOf, text } from "./emulators/scripts.mjs";
import { dailyAllocationUsed, jsonModeNotMet, noSuchModel, outOfCapacity } from "./emulators/workers-ai-errors.mjs";
import { stepOf } from "./support/api.mjs";
import { backOffsOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithWorkersAi } from "./support/worker.mjs";

const LLAMA = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const GLM = "@cf/zai-org/glm-4.7-flash";

const chat = await startWithWorkersAi();
const native = await startWithWorkersAi({ vars: { BIG_MODEL: LLAMA, SMALL_MODEL: `${LLAMA},${GLM}` } });

/** Of two subtasks the calls of `t1` go by `subtask`. */
function oneSubtask({ emulator }, subtask) {
  return emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t1" ? subtask(call) : undefined;
  });
}

test("the defaults plan, run and synthesise on models that answer as OpenAI does", async () => {
  const workflow = chat.emulator.workflow();
  const status = await chat.api.run(workflow.prompt());
  assert.deepEqual(status.output.workerResponses, ["Answer of t1.", "Answer of t2.", "Answer of t3."]);
  assert.equal(status.provider, "workers-ai");
  assert.equal(workflow.calls("plan")[0].model, "@cf/nvidia/nemotron-3-120b-a12b");
  assert.equal(workflow.calls("subtask")[0].model, "@cf/google/gemma-4-26b-a4b-it");
  assert.equal(status.usage.estimated, false);
  for (const call of workflow.calls()) assert.deepEqual([call.path, call.options.returnRawResponse], ["/run", true]);
});

test("Llama plans in JSON mode, whose reply is an object, and streams its own frames", async () => {
  const workflow = native.emulator.workflow();
  const status = await native.api.run(workflow.prompt());
  assert.equal(workflow.count("plan"), 1);
  assert.notEqual(workflow.calls("plan")[0].body.stream, true, "JSON mode is not streamed on Llama");
  assert.deepEqual(status.output.workerResponses, ["Answer of t1.", "Answer of t2.", "Answer of t3."]);
});

test("Llama's JSON mode may answer with a string, or with a number that is asked about again", async () => {
  const asString = native.emulator.workflow((call) =>
    call.step === "plan" ? text("", { response: planJson(["a", "b"]) }) : undefined,
  );
  assert.deepEqual((await native.api.run(asString.prompt())).output.workerResponses, ["Answer of a.", "Answer of b."]);
  const asNumber = native.emulator.workflow((call) => {
    if (call.step !== "plan") return undefined;
    return call.number === 1 ? text("", { response: 42 }) : plan(["a", "b"]);
  });
  assert.deepEqual((await native.api.run(asNumber.prompt())).output.workerResponses, ["Answer of a.", "Answer of b."]);
  assert.equal(asNumber.count("plan"), 2);
});

test("a plan in the shape of the Responses API is understood", async () => {
  const workflow = chat.emulator.workflow((call) =>
    call.step === "plan" ? text(planJson(["a", "b"]), { shape: "responses", whole: true }) : undefined,
  );
  assert.deepEqual((await chat.api.run(workflow.prompt())).output.workerResponses, ["Answer of a.", "Answer of b."]);
  assert.equal(workflow.count("plan"), 1);
});

test("reasoning in either of its fields is no part of the answer", async () => {
  for (const reasoningField of ["reasoning", "reasoning_content"]) {
    const workflow = oneSubtask(chat, () => text("The answer.", { reasoning: "First I wonder.", reasoningField }));
    const status = await chat.api.run(workflow.prompt());
    assert.equal(status.output.workerResponses[0], "The answer.");
  }
});

test("split characters, noise and plain JSON instead of a stream are no trouble, on both families", async () => {
  const words = "Grüße, 世界 🌍!\n\nEnd.";
  for (const on of [chat, native]) {
    for (const options of [{ writes: 1 }, { noise: true, tight: true }, { whole: true }]) {
      const workflow = oneSubtask(on, () => text(words, options));
      const status = await on.api.run(workflow.prompt());
      assert.equal(status.output.workerResponses[0], words, JSON.stringify(options));
      assert.equal(workflow.count("subtask", "t1"), 1);
    }
  }
});

test("a stream that ends without its end mark is a failed attempt, on both families", async () => {
  for (const on of [chat, native]) {
    for (const ending of ["end", "cut"]) {
      const workflow = oneSubtask(on, (call) => (call.number === 1 ? text("Half an ans", { ending }) : undefined));
      const status = await on.api.run(workflow.prompt());
      assert.equal(status.output.workerResponses[0], "Answer of t1.");
      assert.deepEqual(
        stepOf(status, "subtask/t1").attempts.map((attempt) => attempt.success),
        [false, true],
      );
    }
  }
});

test("being out of capacity is retried after Retry-After, by the same model", async () => {
  const workflow = oneSubtask(native, (call) => (call.number === 1 ? outOfCapacity(2) : undefined));
  const status = await native.api.run(workflow.prompt());
  const [first, second] = workflow.calls("subtask", "t1");
  assert.ok(second.arrivedAt - first.arrivedAt >= 1_900, `${second.arrivedAt - first.arrivedAt} ms`);
  assert.equal(second.model, LLAMA);
  assert.match(stepOf(status, "subtask/t1").attempts[0].error.message, /3040|[Cc]apacity/);
});

test("a used-up allocation and an unknown model let the next model take over at once", async () => {
  for (const failure of [dailyAllocationUsed(), noSuchModel(LLAMA)]) {
    const workflow = oneSubtask(native, (call) => (call.model === LLAMA ? failure : undefined));
    const id = await native.api.submit(workflow.prompt());
    await native.api.reach(id, "complete");
    assert.deepEqual(
      workflow.calls("subtask", "t1").map((call) => call.model),
      [LLAMA, GLM],
    );
    assert.deepEqual(await backOffsOf(native.api, id, "subtask/t1"), [0], "no back-off is due");
  }
});

test("a used-up allocation without another model ends in errored and says so", async () => {
  const workflow = native.emulator.workflow(() => dailyAllocationUsed());
  const status = await native.api.run(workflow.prompt(), "errored");
  assert.match(status.error.message, /3036|allocation/);
  assert.equal(workflow.count(), 1, "it is not hammered");
});

test("JSON mode that could not be met is no end: the plan is asked for again", async () => {
  const workflow = native.emulator.workflow((call) => {
    if (call.step !== "plan") return undefined;
    return call.number === 1 ? jsonModeNotMet() : plan(["a", "b"]);
  });
  const status = await native.api.run(workflow.prompt());
  assert.deepEqual(status.output.workerResponses, ["Answer of a.", "Answer of b."]);
});

test("HTML from a proxy is a passing failure", async () => {
  const workflow = oneSubtask(chat, (call) => (call.number === 1 ? html(502) : undefined));
  const status = await chat.api.run(workflow.prompt());
  assert.match(stepOf(status, "subtask/t1").attempts[0].error.message, /502/);
});

test("terminate closes a call that waits for its headers and one in mid-stream", async () => {
  const workflow = chat.emulator.workflow((call) => {
    if (call.step === "plan") return plan(["silent", "stalled"]);
    return call.task === "silent" ? hang() : text("One two.", { ending: "stall" });
  });
  const id = await chat.api.submit(workflow.prompt());
  await eventually(
    "both are called, and one streams",
    () => workflow.count("subtask") === 2 && workflow.calls("subtask", "stalled")[0].firstByteAt,
  );
  await chat.api.post(`/${id}/terminate`);
  for (const call of workflow.calls("subtask"))
    await eventually(`${call.task} is closed`, () => call.closedBy === "client");
});

test("a fan-out of thirty streams", async () => {
  const tasks = Array.from({ length: 30 }, (_, index) => `t${index}`);
  const workflow = chat.emulator.workflow((call) => (call.step === "plan" ? plan(tasks) : undefined));
  const status = await chat.api.run({ prompt: workflow.prompt(), options: { max_subtasks: 30 } });
  assert.deepEqual(
    status.output.workerResponses,
    tasks.map((task) => `Answer of ${task}.`),
  );
});

test("AI_GATEWAY_ID sends every call through AI Gateway", async () => {
  const gateway = await startWithWorkersAi({ vars: { AI_GATEWAY_ID: "my-gateway" } });
  const workflow = gateway.emulator.workflow();
  await gateway.api.run(workflow.prompt());
  for (const call of workflow.calls())
    assert.deepEqual([call.path, call.options.gateway.id], ["/ai-gateway/run", "my-gateway"]);
});

test("the client's own tasks need no JSON mode at all", async () => {
  const workflow = chat.emulator.workflow();
  await chat.api.run({ prompt: workflow.prompt(), tasks: tasksOf(["only"]) });
  assert.ok(workflow.calls().every((call) => !("response_format" in call.body)));
});
