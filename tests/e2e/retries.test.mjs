// Retries, time limits, fallback and concurrency, by the clock and the connections of the emulated service.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { noSuchModel, overloaded, quotaExceeded, rateLimited } from "./emulators/openai-errors.mjs";
import { hang, held, html, makeGate, plan, reset, text } from "./emulators/scripts.mjs";
import { stepOf } from "./support/api.mjs";
import { backOffsOf } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator } = await startWithOpenai({
  vars: {
    BIG_MODEL: "big-model,big-fallback",
    SMALL_MODEL: "small-model,small-fallback",
    FIRST_TOKEN_TIMEOUT_SECONDS: "30",
  },
});
// Its limits are small, so it has a Worker of its own.
const hasty = await startWithOpenai({
  vars: { FIRST_TOKEN_TIMEOUT_SECONDS: "1", IDLE_TIMEOUT_SECONDS: "1", ATTEMPT_TIMEOUT_SECONDS: "4" },
});

/** A plan of `tasks`, whose subtasks go by `subtask(call)`. */
function planned(on, tasks, subtask) {
  return on.workflow((call) => {
    if (call.step === "plan") return plan(tasks);
    return call.step === "subtask" ? subtask(call) : undefined;
  });
}

/** Of two subtasks that of `id` goes by `subtask(call)`, because a plan of one is answered directly. */
function alone(on, id, subtask) {
  return planned(on, [id, "calm"], (call) => (call.task === id ? subtask(call) : undefined));
}

// Nearly all of their time is waiting, so they wait together; each knows its calls by its workflow.
describe("retries and limits", { concurrency: true }, () => {
  test("while one subtask hangs, another that failed once is retried after its own back-off", async () => {
    const gate = makeGate();
    const workflow = planned(emulator, ["slow", "shaky"], (call) => {
      if (call.task === "slow") return held(gate, text("Slow."));
      return call.number === 1 ? overloaded() : undefined;
    });
    const id = await api.submit(workflow.prompt());
    await eventually("the failed subtask is called again", () => workflow.count("subtask", "shaky") === 2);
    const [first, second] = workflow.calls("subtask", "shaky");
    const [slow] = workflow.calls("subtask", "slow");
    assert.equal(slow.closedAt, null, "the slow one is still at it");
    // Full jitter from one second: anything up to that, and a loose bound for a busy machine.
    const pause = second.arrivedAt - first.closedAt;
    assert.ok(pause < 6_000, `${pause} ms`);
    gate.open();
    const status = await api.reach(id, "complete");
    assert.deepEqual(
      stepOf(status, "subtask/shaky").attempts.map((attempt) => attempt.success),
      [false, true],
    );
    assert.equal(workflow.count("subtask", "slow"), 1);
  });

  test("a step that waits for its retry says until when", async () => {
    const workflow = alone(emulator, "shaky", (call) => (call.number === 1 ? rateLimited(2) : undefined));
    const id = await api.submit(workflow.prompt());
    const step = await eventually("the step waits", async () => {
      const { steps } = await api.status(id);
      return steps.find((each) => each.name === "subtask/shaky" && each.retry_at);
    });
    assert.equal(step.state, "retrying");
    await api.reach(id, "complete");
  });

  for (const [form, value] of [
    ["seconds", () => "2"],
    ["a date", () => new Date(Date.now() + 3_000).toUTCString()],
  ]) {
    test(`Retry-After in ${form} is honoured`, async () => {
      const workflow = alone(emulator, "busy", (call) => (call.number === 1 ? rateLimited(value()) : undefined));
      await api.run(workflow.prompt());
      const [first, second] = workflow.calls("subtask", "busy");
      // A date has whole seconds: up to one of the three is lost by rounding. Both arrivals, because the end of the
      // first call may be noticed late.
      assert.ok(second.arrivedAt - first.arrivedAt >= 1_900, `${second.arrivedAt - first.arrivedAt} ms`);
      assert.equal(second.model, "small-model", "a busy model is asked again");
    });
  }

  test("a permanent error lets the next model take over at once", async () => {
    const workflow = emulator.workflow((call) =>
      call.step === "plan" && call.number === 1 ? noSuchModel() : undefined,
    );
    const id = await api.submit(workflow.prompt());
    const status = await api.reach(id, "complete");
    const calls = workflow.calls("plan");
    assert.deepEqual(
      calls.map((call) => call.model),
      ["big-model", "big-fallback"],
    );
    assert.deepEqual(await backOffsOf(api, id, "plan"), [0], "no back-off is due");
    assert.deepEqual(
      stepOf(status, "plan").attempts.map((attempt) => attempt.model),
      ["big-model", "big-fallback"],
    );
  });

  test("a used-up quota lets the next model take over at once", async () => {
    const workflow = alone(emulator, "t1", (call) => (call.model === "small-model" ? quotaExceeded() : undefined));
    await api.run(workflow.prompt());
    assert.deepEqual(
      workflow.calls("subtask", "t1").map((call) => call.model),
      ["small-model", "small-fallback"],
    );
  });

  test("three passing failures let the next model take over, and five are the end", async () => {
    const workflow = planned(emulator, ["good", "bad"], (call) => (call.task === "bad" ? html(502) : undefined));
    const status = await api.run(workflow.prompt(), "complete", 60_000);
    assert.deepEqual(
      workflow.calls("subtask", "bad").map((call) => call.model),
      ["small-model", "small-model", "small-model", "small-fallback", "small-fallback"],
    );
    assert.equal(workflow.count("subtask", "good"), 1);
    assert.deepEqual(status.output.workerResponses, ["Answer of good.", null]);
  });

  test("a connection that is reset is a passing failure", async () => {
    const workflow = alone(emulator, "t1", (call) => (call.number === 1 ? reset() : undefined));
    const status = await api.run(workflow.prompt());
    assert.deepEqual(
      stepOf(status, "subtask/t1").attempts.map((attempt) => attempt.success),
      [false, true],
    );
  });

  test("an empty answer is a failed attempt", async () => {
    const workflow = alone(emulator, "t1", (call) => (call.number === 1 ? text("") : undefined));
    const status = await api.run(workflow.prompt());
    assert.equal(status.output.workerResponses[0], "Answer of t1.");
    assert.equal(workflow.count("subtask", "t1"), 2);
  });

  const TOO_LONG = [
    ["no first token", hang()],
    ["silence between tokens", text("One two", { ending: "stall" })],
    ["a stream without end", text("x ".repeat(400), { pauseMs: 100 })],
  ];

  for (const [what, script] of TOO_LONG) {
    test(`${what} runs into a time limit that closes the connection, and is retried`, async () => {
      const workflow = alone(hasty.emulator, "t1", (call) => (call.number === 1 ? script : undefined));
      const status = await hasty.api.run(workflow.prompt());
      const [first] = workflow.calls("subtask", "t1");
      assert.equal(first.closedBy, "client");
      const { attempts } = stepOf(status, "subtask/t1");
      assert.deepEqual(
        attempts.map((attempt) => attempt.success),
        [false, true],
      );
      assert.match(attempts[0].error.name, /Timeout/);
      assert.equal(status.output.workerResponses[0], "Answer of t1.");
    });
  }

  test("a slow stream that keeps coming outlives the limits of the first token and of silence", async () => {
    const workflow = alone(hasty.emulator, "t1", () => text("a b c d e f", { pauseMs: 200 }));
    const status = await hasty.api.run(workflow.prompt());
    assert.equal(workflow.count("subtask", "t1"), 1);
    assert.equal(status.output.workerResponses[0], "a b c d e f");
  });

  test("max_concurrency bounds the calls in flight", async () => {
    const gates = Array.from({ length: 5 }, makeGate);
    const workflow = planned(emulator, ["t0", "t1", "t2", "t3", "t4"], (call) =>
      held(gates[Number(call.task.slice(1))], text(call.task)),
    );
    const id = await api.submit({ prompt: workflow.prompt(), options: { max_concurrency: 2 } });
    const started = () => workflow.calls("subtask").map((call) => call.task);
    await eventually("two calls are in flight", () => workflow.count("subtask") === 2);
    assert.deepEqual(started().toSorted(), ["t0", "t1"], "in plan order");
    gates[1].open();
    await eventually("the next one takes the slot", () => workflow.count("subtask") === 3);
    assert.equal(started()[2], "t2");
    for (const gate of gates) gate.open();
    await api.reach(id, "complete");
    assert.ok(mostAtOnce(workflow.calls("subtask")) <= 2);
  });

  test("a subtask starts the moment its own dependencies are there, without a barrier", async () => {
    const gate = makeGate();
    const tasks = ["slow", "quick", { id: "next", depends_on: ["quick"] }, { id: "last", depends_on: ["next"] }];
    const workflow = planned(emulator, tasks, (call) => (call.task === "slow" ? held(gate, text("Slow.")) : undefined));
    const id = await api.submit(workflow.prompt());
    await eventually("two generations pass while a sibling runs", () => workflow.calls("subtask", "last")[0]?.closedAt);
    assert.equal(workflow.calls("subtask", "slow")[0].closedAt, null);
    assert.equal(workflow.count("synthesis"), 0);
    gate.open();
    await api.reach(id, "complete");
  });

  test("thirty subtasks are all in flight at once", async () => {
    const gate = makeGate();
    const tasks = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const workflow = planned(emulator, tasks, () => held(gate, text("x")));
    const id = await api.submit({ prompt: workflow.prompt(), options: { max_subtasks: 30 } });
    await eventually("all are called", () => workflow.count("subtask") === 30);
    gate.open();
    const status = await api.reach(id, "complete");
    assert.equal(status.output.workerResponses.length, 30);
  });
});

/** The most of these calls that were open at one time. */
function mostAtOnce(calls) {
  return Math.max(
    ...calls.map(
      (call) => calls.filter((other) => other.arrivedAt <= call.arrivedAt && other.closedAt > call.arrivedAt).length,
    ),
  );
}
