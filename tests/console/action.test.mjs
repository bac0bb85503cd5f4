// A control, from the click until its effect is seen: when its button comes back, and when its error goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { journal, queued, started } from "./support/journal.mjs";
import { load } from "./support/load.mjs";

Object.assign(globalThis, { addEventListener() {} });
const { ApiProblem, doing, EMPTY, reduceAll, settled, told } = await load(
  "net/action.ts",
  "net/problem.ts",
  "workflow/reduce.ts",
  "workflow/state.ts",
);

const state = (...bodies) => reduceAll(EMPTY, journal(...bodies));
const [RUNNING, PAUSED] = [state(queued, started), state(queued, started, { type: "workflow_paused" })];
const [LIVE, LOST] = [{ kind: "live" }, { kind: "waiting", since: 0, retryAt: 0, refusal: null }];
const refused = (error) => ({
  kind: "refused",
  name: "pause",
  place: "controls",
  error,
  status: "running",
  run: 1,
  down: false,
});

test("what the server did is busy until the page shows it", () => {
  const taken = { kind: "taken", name: "restart", place: "step", status: "running", run: 2, seq: RUNNING.seq };
  assert.equal(settled(taken, RUNNING, LIVE), taken, "the answer names run 2, and this is run 1");
  assert.equal(doing(taken), "Restarting…");
  const restarted = { type: "workflow_restarted", run: 2, reset: "everything" };
  assert.equal(settled(taken, state(queued, started, restarted), LIVE), null);
});

test("a control that changed nothing is done at once", () => {
  const taken = { kind: "taken", name: "pause", place: "controls", status: "paused", run: 1, seq: PAUSED.seq };
  assert.equal(settled(taken, PAUSED, LIVE), null);
});

test("an error of the network goes once the connection is back, and not before", () => {
  const error = refused(new TypeError("Failed to fetch"));
  assert.equal(settled(error, RUNNING, LIVE), error, "the stream has noticed nothing yet");
  const down = settled(error, RUNNING, LOST);
  assert.ok(down);
  assert.equal(settled(down, RUNNING, { kind: "connecting" }), down);
  assert.equal(settled(down, RUNNING, LIVE), null);
});

test("any error goes once the workflow has moved on", () => {
  for (const error of [new TypeError("Failed to fetch"), new ApiProblem(409, "", "No", "no")])
    assert.equal(settled(refused(error), PAUSED, LIVE), null);
});

test("what the server refused stays while it is true", () => {
  const error = refused(new ApiProblem(409, "control-not-allowed", "No", "no"));
  assert.equal(settled(settled(error, RUNNING, LOST), RUNNING, LIVE), error);
});

test("the answer of a control names the status and the run", () => {
  assert.deepEqual(told({ status: "paused", run: 3 }), { status: "paused", run: 3 });
  assert.deepEqual(told(null), { status: null, run: 0 });
});
