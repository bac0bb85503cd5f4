// The console's reducer and parser, without a browser: what is replayed and what comes live give the same state.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  delta,
  done,
  inLife,
  journal,
  LIFE,
  planned,
  queued,
  RUN,
  start,
  started,
  stepOf,
} from "./support/journal.mjs";
import { load } from "./support/load.mjs";

const { reduceAll } = await load("workflow/reduce.ts");
const { EMPTY, lifeOf, textOf } = await load("workflow/state.ts");
const { criticalPath, concurrency, drawnEdges, scaleOf } = await load("workflow/analysis.ts");
const { scalarCount, splice } = await load("workflow/text.ts");
const { curlFor } = await load("home/curl.ts");

test("a journal gives the state of the workflow", () => {
  const state = reduceAll(EMPTY, RUN);
  assert.equal(state.status, "complete");
  assert.equal(state.result, "all");
  assert.deepEqual(state.total, { calls: 6, prompt: 50, completion: 25, estimated: false });
  assert.deepEqual(state.spent, state.total);
  assert.deepEqual(
    state.steps.map((step) => [step.name, step.state, step.attempts.length]),
    [
      ["plan", "complete", 1],
      ["subtask/t1", "complete", 1],
      ["subtask/t2", "complete", 2],
      ["subtask/t3", "complete", 1],
      ["synthesis", "complete", 1],
    ],
  );
});

test("whatever is replayed twice changes nothing, and what came live adds nothing", () => {
  const replayed = reduceAll(EMPTY, RUN);
  const live = reduceAll(
    EMPTY,
    RUN.flatMap((event) =>
      event.type === "attempt_started" ? [event, delta(event.step, 0, "so far", event.number)] : [event, event],
    ),
  );
  const texts = (state) =>
    state.steps.map((step) => ({ ...step, attempts: step.attempts.map(({ live: _, ...rest }) => rest) }));
  assert.deepEqual(texts(live), texts(replayed));
  assert.deepEqual(live.log, replayed.log);
});

test("deltas truncate and append by characters, not by UTF-16 units", () => {
  const begun = RUN.slice(0, 6);
  const state = reduceAll(EMPTY, [
    ...begun,
    delta("subtask/t1", 0, "a🦀é"),
    delta("subtask/t1", 3, "b"),
    delta("subtask/t1", 2, "X"),
  ]);
  assert.equal(textOf(stepOf(state, "subtask/t1")), "a🦀X");
  assert.equal(scalarCount("a🦀é"), 3);
  assert.equal(splice({ text: "ab", chars: 2 }, 3, "c"), null);
});

test("a gap in the text or in the journal is noticed", () => {
  const begun = RUN.slice(0, 6);
  assert.equal(reduceAll(EMPTY, [...begun, delta("subtask/t1", 5, "x")]).gap, true);
  assert.equal(reduceAll(EMPTY, [...begun, RUN[7]]).gap, true);
  const again = reduceAll(EMPTY, [
    ...begun,
    delta("subtask/t1", 5, "x"),
    { type: "connected" },
    delta("subtask/t1", 0, "whole"),
  ]);
  assert.deepEqual([again.gap, textOf(stepOf(again, "subtask/t1"))], [false, "whole"]);
});

test("a stream resumes after the id of the last event that was taken in, and of no other", () => {
  const state = reduceAll(EMPTY, [...RUN.slice(0, 3), delta("plan", 0, "{"), { ...RUN[9], id: `10-${LIFE}` }]);
  assert.deepEqual([state.gap, state.lastEventId], [true, `3-${LIFE}`]);
  assert.equal(EMPTY.lastEventId, "");
  assert.deepEqual(["7-9f86d081", "7", ""].map(lifeOf), [LIFE, "", ""]);
});

test("the first event of another life of the id begins the state anew", () => {
  const again = inLife("0a1b2c3d", RUN);
  for (const seen of [4, 8, RUN.length])
    for (const come of [1, 4, 8, RUN.length]) {
      const inputs = [...RUN.slice(0, seen), { type: "connected" }, ...again.slice(0, come)];
      assert.deepEqual(reduceAll(EMPTY, inputs), reduceAll(EMPTY, again.slice(0, come)), `${come} after ${seen}`);
    }
});

test("events from the middle of another life are taken for no part of this one", () => {
  const again = inLife("0a1b2c3d", RUN);
  // Whether the number is the next one, a known one or one too high.
  for (const next of [5, 6, 9]) {
    const state = reduceAll(EMPTY, [...RUN.slice(0, 8), ...again.slice(next)]);
    assert.deepEqual(state, { ...EMPTY, gap: true }, "the next stream begins with the first event");
    assert.deepEqual(reduceAll(state, [{ type: "connected" }, ...again]), reduceAll(EMPTY, again));
  }
});

test("an attempt of which no more text comes keeps what it has, and says so until it is complete", () => {
  const cut = { ...delta("subtask/t1", 3, "more"), last: true };
  const live = (state) => {
    const attempt = stepOf(state, "subtask/t1").attempts[0];
    return [textOf(stepOf(state, "subtask/t1")), attempt.liveIsCut, state.gap];
  };
  const state = reduceAll(EMPTY, [...RUN.slice(0, 6), delta("subtask/t1", 0, "one"), cut]);
  assert.deepEqual(live(state), ["onemore", true, false]);
  // It may overtake the start of its attempt, and comes again, with all of its text, on a new stream.
  const early = reduceAll(EMPTY, [...RUN.slice(0, 5), { ...delta("subtask/t1", 0, "all"), last: true }, RUN[5]]);
  assert.deepEqual(live(early), ["all", true, false]);
  const resumed = reduceAll(state, [{ type: "connected" }, { ...delta("subtask/t1", 0, "all"), last: true }]);
  assert.deepEqual(live(resumed), ["all", true, false]);
  const complete = reduceAll(state, RUN.slice(6, 8));
  assert.equal(textOf(stepOf(complete, "subtask/t1")), "one");
});

test("text that overtakes the start of its attempt is kept", () => {
  const state = reduceAll(EMPTY, [
    ...RUN.slice(0, 5),
    delta("subtask/t1", 0, "ear"),
    delta("subtask/t1", 3, "ly"),
    RUN[5],
  ]);
  assert.deepEqual([state.gap, textOf(stepOf(state, "subtask/t1"))], [false, "early"]);
});

test("a restart keeps what is not reset, and numbers of earlier runs are told apart", () => {
  const restarted = {
    type: "workflow_restarted",
    run: 2,
    reset: { steps: ["subtask/t2", "synthesis"] },
    id: `17-${LIFE}`,
    seq: 17,
    at: new Date(60_000).toISOString(),
  };
  const state = reduceAll(EMPTY, [...RUN, restarted]);
  assert.deepEqual([state.status, state.run, state.result], ["queued", 2, null]);
  assert.deepEqual([stepOf(state, "subtask/t1").answer, stepOf(state, "subtask/t2").answer], ["one", null]);
  const anew = reduceAll(EMPTY, [...RUN, { ...restarted, reset: "everything" }]);
  assert.deepEqual(
    anew.steps.map((step) => [step.name, step.state]),
    [["plan", "pending"]],
  );
});

test("a truncated synthesis is put together from its parts", () => {
  const events = journal(
    queued,
    started,
    planned(["t1"]),
    start("synthesis"),
    done("synthesis", "first ", 1, { truncated: true }),
    start("synthesis", 2),
    done("synthesis", "second", 2),
    { type: "workflow_completed" },
  );
  const half = reduceAll(EMPTY, [...events.slice(0, 6), delta("synthesis", 0, "sec", 2)]);
  assert.equal(textOf(stepOf(half, "synthesis")), "first sec");
  assert.equal(reduceAll(EMPTY, events).result, "first second");
});

test("pausing and resuming lead back, and the time between is no time of the run", () => {
  const state = reduceAll(
    EMPTY,
    journal(queued, started, { type: "workflow_waiting" }, { type: "workflow_paused" }, { type: "workflow_resumed" }),
  );
  assert.equal(state.status, "waiting");
  const scale = scaleOf([{ from: 1000, to: 61_000, why: "paused" }], 0, 70_000);
  assert.equal(scale.of(1000), 1000);
  assert.equal(scale.of(61_000), 2500);
  assert.equal(scale.breaks.length, 1);
});

test("an event of a newer server is passed over", () => {
  const state = reduceAll(EMPTY, journal(queued, started, { type: "workflow_dreamt" }, planned(["t1"])));
  assert.deepEqual([state.seq, state.gap, state.steps.length], [4, false, 3]);
});

test("the critical path goes back along what was waited for, and calls at once are counted", () => {
  const state = reduceAll(EMPTY, RUN);
  assert.deepEqual([...criticalPath(state, 0)], ["synthesis", "subtask/t3", "subtask/t1", "plan"]);
  assert.equal(concurrency(state, 0).peak, 2);
});

test("only edges are drawn that no longer way implies", () => {
  const edges = drawnEdges(reduceAll(EMPTY, RUN)).map((edge) => edge.join(" "));
  assert.deepEqual(edges.sort(), [
    "plan subtask/t1",
    "plan subtask/t2",
    "subtask/t1 subtask/t3",
    "subtask/t2 synthesis",
    "subtask/t3 synthesis",
  ]);
});

test("the curl command survives quotes", () => {
  const command = curlFor("http://localhost:8787", { prompt: "it's $HOME `x`" }, true);
  assert.match(command, /-H "Authorization: Bearer \$TOKEN"/);
  assert.match(command, /'\{"prompt":"it'\\''s \$HOME `x`"\}'$/);
});
