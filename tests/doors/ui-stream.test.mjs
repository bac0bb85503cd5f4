// From events to the parts of a UI message stream, without a Worker.

import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamRestarted } from "../../src/doors/openai-common/settled.js";
import { Encoder, TYPES } from "../../src/doors/ui-stream/encode.js";
import { document } from "../e2e/support/openapi.mjs";

const task = (id, ...depends_on) => ({ id, title: `Title of ${id}`, instructions: "secret", depends_on });
const planned = { type: "plan_accepted", plan: { analysis: "", tasks: [task("t1"), task("t2", "t1")] } };
const answer = (from, text, settled = from + [...text].length) => ({ type: "answer", from, text, settled });
const completed = { type: "workflow_completed" };

/** The parts of all events, and of the end. */
function encoded(events, whole) {
  const encoder = new Encoder("w");
  return [...encoder.begin(), ...events.flatMap((event) => encoder.take(event)), ...encoder.end(whole)];
}
const textOf = (parts) => parts.filter(({ type }) => type === "text-delta").map(({ delta }) => delta);
/** What a client has in the end of the data parts: by type and id. */
const dataOf = (parts) =>
  Object.fromEntries(parts.filter(({ type }) => type.startsWith("data-")).map(({ id, data }) => [id, data]));

test("only events that there are are asked for", () => {
  const { schema } = document.paths["/workflows/{id}/events"].get.responses[200].content["text/event-stream"];
  const known = schema.anyOf[1].properties.event.enum;
  assert.deepEqual(
    TYPES.filter((type) => !known.includes(type)),
    [],
  );
});

test("the settled text is one part that is only added to", () => {
  const parts = encoded(
    [
      { type: "workflow_queued" },
      answer(0, "", 0),
      answer(0, "One 🎉 tow", 5),
      answer(6, "two", 9),
      // An attempt that died, and another one that writes the same.
      answer(0, "One", 0),
      answer(3, " 🎉 two, three", 16),
      completed,
    ],
    "One 🎉 two, three.",
  );
  assert.deepEqual(textOf(parts), ["One 🎉", " two", ", three", "."]);
  assert.deepEqual(
    parts.filter(({ type }) => !type.startsWith("data-")).map(({ type }) => type),
    ["start", "text-start", "text-delta", "text-delta", "text-delta", "text-delta", "text-end", "finish"],
  );
});

test("a long text comes in many parts", () => {
  const long = "word ".repeat(10_000);
  const deltas = textOf(encoded([answer(0, long), completed], long));
  assert.ok(deltas.length > 10);
  assert.equal(deltas.join(""), long);
});

test("text that was sent and does not stand ends in an error", () => {
  const encoder = new Encoder("w");
  encoder.take(answer(0, "One two"));
  encoder.take(answer(0, "One ", 0));
  assert.throws(() => encoder.take(answer(4, "three")), StreamRestarted);
  assert.deepEqual(
    encoder.fail("stream_restarted: ...").map(({ type }) => type),
    ["text-end", "error", "finish"],
  );
  const other = new Encoder("w");
  for (const event of [answer(0, "One"), completed]) other.take(event);
  assert.throws(() => other.end("Two"), StreamRestarted);
});

test("the plan and each subtask are updated in place", () => {
  const started = (step) => ({ type: "attempt_started", step });
  const error = { name: "HttpError", message: "500" };
  const parts = encoded(
    [
      { type: "workflow_queued" },
      started("plan"),
      planned,
      started("subtask/t1"),
      { type: "attempt_errored", step: "subtask/t1", error, retry_at: "2026-01-01T00:00:00.000Z" },
      started("subtask/t1"),
      { type: "attempt_lost", step: "subtask/t1" },
      started("subtask/t1"),
      { type: "attempt_completed", step: "subtask/t1", text: "x" },
      { type: "step_skipped", step: "subtask/t2", reason: "too late" },
      completed,
    ],
    "x",
  );
  const states = parts.filter(({ id }) => id === "subtask/t1").map(({ data }) => data.state);
  assert.deepEqual(states, ["pending", "running", "retrying", "running", "retrying", "running", "complete"]);
  assert.deepEqual(dataOf(parts), {
    workflow: { id: "w", status: "complete", run: 1 },
    plan: {
      mode: "split",
      tasks: [
        { id: "t1", title: "Title of t1", depends_on: [] },
        { id: "t2", title: "Title of t2", depends_on: ["t1"] },
      ],
    },
    "subtask/t1": { id: "t1", title: "Title of t1", state: "complete", attempts: 3, error: null },
    "subtask/t2": {
      id: "t2",
      title: "Title of t2",
      state: "skipped",
      attempts: 0,
      error: { name: "Skipped", message: "too late" },
    },
  });
});

test("an edited plan replaces the one that waited", () => {
  const parts = encoded(
    [
      { type: "workflow_queued" },
      planned,
      { type: "workflow_waiting" },
      { type: "plan_approved", plan: { tasks: [task("t1"), task("t3")] } },
      completed,
    ],
    "x",
  );
  const { "subtask/t2": dropped, "subtask/t3": added } = dataOf(parts);
  assert.deepEqual([dropped.state, added.state], ["dropped", "pending"]);
});

test("a restart takes back what runs again, and the end of the run before", () => {
  const done = (step) => ({ type: "attempt_completed", step });
  const before = [planned, done("subtask/t1"), done("subtask/t2"), { type: "workflow_errored", error: {} }];
  const restarted = { type: "workflow_restarted", run: 2, reset: { steps: ["subtask/t2", "synthesis"] } };
  const parts = encoded([...before, restarted, { type: "workflow_started" }, answer(0, "x"), completed], "x");
  const data = dataOf(parts);
  assert.deepEqual([data["subtask/t1"].state, data["subtask/t2"].state, data.workflow.run], ["complete", "pending", 2]);
  assert.equal(parts.filter(({ type }) => type === "finish" || type === "error").length, 1);
});

test("each end has its part", () => {
  const error = { name: "PlanFailed", message: "no plan" };
  const endOf = (...events) => encoded(events).slice(-2);
  assert.deepEqual(endOf({ type: "workflow_errored", error }), [
    { type: "error", errorText: "PlanFailed: no plan" },
    { type: "finish", finishReason: "error" },
  ]);
  assert.deepEqual(endOf(answer(0, "x"), { type: "workflow_terminated" }), [
    { type: "text-end", id: "answer" },
    { type: "abort", reason: "terminated" },
  ]);
  assert.match(endOf({ type: "workflow_started" })[0].errorText, /^stream_interrupted/);
});
