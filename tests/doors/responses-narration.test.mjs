// The events of a response and their numbers: whoever reads them, whenever, and wherever they resume, has the same in
// the end, or is told that what they have does not stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamRestarted } from "../../src/doors/openai-common/settled.js";
import { Narration } from "../../src/doors/responses/narration.js";
import { ofSlot, ofText, read } from "../../src/doors/responses/numbers.js";
import { makeRun, random, statusOf, subscribe } from "./responses-runs.mjs";

const RUNS = process.env.TEST_FULL ? 4_000 : 200;
const RESUMED_OF_EACH = 30;

/** The events that a subscriber is told who comes after `tick` with `after`: `{ event, tick }` each. */
function* told(run, tick, rng, after, keep = () => true) {
  const narration = new Narration("w", { after });
  const updates = subscribe(run, tick, rng);
  for (;;) {
    const { value, done } = updates.next();
    if (done) {
      for (const event of narration.finish(value)) yield { event, tick: run.ticks.length - 1 };
      return;
    }
    if (keep(value.update)) for (const event of narration.take(value.update)) yield { event, tick: value.tick };
  }
}

/** What a client has of the events so far. */
function accumulate(events) {
  const has = { words: "", text: "", once: [], response: null };
  for (const event of events) {
    if (event.type === "response.reasoning_summary_text.delta") has.words += event.delta;
    else if (event.type === "response.output_text.delta") has.text += event.delta;
    else has.once.push(`${event.type} ${event.item?.type ?? ""}`);
    if (event.response) has.response = event.response;
  }
  return has;
}

/** All events, or null where the client is told that its text does not stand. */
function readAll(run, tick, rng, after, keep) {
  try {
    return [...told(run, tick, rng, after, keep)];
  } catch (error) {
    if (error instanceof StreamRestarted) return null;
    throw error;
  }
}

/** Throws where a resumed client has anything but what others have. Gives how many were told to restart. */
function checkResuming(run, keep) {
  const rng = random(run.seed);
  let restarted = 0;
  for (let round = 0; round < RESUMED_OF_EACH; round += 1) {
    const first = readPartly(run, rng);
    if (first.length === 0) continue;
    const { event, tick } = first.at(-1);
    const later = tick + rng.below(run.ticks.length - tick);
    const rest = readAll(run, later, rng, event.sequence_number, keep);
    if (rest === null) {
      assert.ok(!run.isSafe || run.ends.length > 1, `run ${run.seed}: told to restart after ${event.sequence_number}`);
      restarted += 1;
      continue;
    }
    const all = [...first, ...rest].map((each) => each.event);
    assertIncreasing(all, run);
    const whole = readAll(run, run.ends.find((end) => end.tick >= later).tick, rng);
    const { response, ...has } = accumulate(all);
    const { response: wanted, ...wants } = accumulate(whole.map((each) => each.event));
    const message = `run ${run.seed} (${run.way}), resumed after ${event.sequence_number}`;
    assert.equal(response.status, wanted.status, message);
    assert.equal(has.words, wants.words, message);
    // Of a run that failed in mid answer the text is not kept, so that only who was there has some.
    if (wanted.status === "failed") continue;
    assert.deepEqual(has, wants, message);
    assert.deepEqual(response, wanted, message);
  }
  return restarted;
}

/** A client that leaves in the middle, and has got nothing wrong until then. */
function readPartly(run, rng) {
  const events = [];
  const until = rng.below(40);
  try {
    for (const each of told(run, rng.below(run.ticks.length), rng)) {
      if (events.length > until) break;
      events.push(each);
    }
  } catch (error) {
    if (!(error instanceof StreamRestarted)) throw error;
  }
  return events;
}

function assertIncreasing(events, run) {
  let last = -1;
  for (const { sequence_number: number, type } of events) {
    assert.ok(Number.isSafeInteger(number) && number > last, `run ${run.seed}: ${number} (${type}) after ${last}`);
    last = number;
  }
}

test("two replays are the same, and a live stream has the same events, numbers and text", () => {
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const run = makeRun(seed);
    const rng = random(seed);
    const end = run.ends.at(-1).tick;
    const replay = readAll(run, end, rng).map((each) => each.event);
    assert.deepEqual(
      readAll(run, end, rng).map((each) => each.event),
      replay,
    );
    assertIncreasing(replay, run);
    if (run.ends.length > 1 || !run.isSafe) continue;
    const live = readAll(run, rng.below(run.ticks.length), rng).map((each) => each.event);
    assertIncreasing(live, run);
    const isText = ({ type }) => type === "response.output_text.delta";
    const others = (events) => events.filter((event) => !isText(event));
    // A call that was continued or made again has its own mark; the message begins where the first text did.
    const calls = run.ticks.filter(
      ({ event }) => event?.type === "attempt_started" && /^(edit|synth)/.test(event.step),
    );
    if (calls.length === 1) {
      assert.deepEqual(others(live), others(replay), `run ${seed} (${run.way})`);
      const marks = new Set([...live, ...replay].filter(isText).map((event) => read(event.sequence_number).seq));
      assert.ok(marks.size <= 1, `run ${seed}: text at ${[...marks]}`);
    }
    assert.deepEqual(accumulate(live), accumulate(replay), `run ${seed} (${run.way})`);
  }
});

test("who resumes after any event, at any later time, gets exactly the rest or is told that it does not stand", (t) => {
  let restarted = 0;
  for (let seed = 1; seed <= RUNS; seed += 1) restarted += checkResuming(makeRun(seed));
  t.diagnostic(`figure: ${restarted} of ${RUNS * RESUMED_OF_EACH} resumed clients had text that did not stand`);
  assert.ok(restarted > RUNS / 10, "the runs have calls that are lost");
});

test("a narration that does not look for lost calls is caught", () => {
  const blind = (update) => !["attempt_lost", "attempt_errored"].includes(update.type);
  const caught = () => {
    for (let seed = 1; seed <= RUNS; seed += 1) checkResuming(makeRun(seed, ["follows"]), blind);
  };
  assert.throws(caught, assert.AssertionError);
});

test("numbers are read as they were made, and stay below 2^53", () => {
  assert.deepEqual(read(ofSlot(7, 5)), { seq: 7, slot: 5, units: 0 });
  assert.deepEqual(read(ofText(7, 1)), { seq: 7, slot: null, units: 1 });
  const units = 8 * 1024 * 1024;
  assert.deepEqual(read(ofText(2 ** 28, units)), { seq: 2 ** 28, slot: null, units });
  assert.ok(Number.isSafeInteger(ofText(2 ** 28, units)));
});

test("an answer longer than max_output_tokens is cut there, and the response is incomplete", () => {
  const metadata = { "openai-response": JSON.stringify({ max: 16 }) };
  const narration = new Narration("w");
  const spec = { id: "w", prompt: "Tell.", options: {}, metadata };
  narration.take({ type: "workflow_queued", seq: 1, at: "2026-11-27T12:00:00.000Z", spec });
  narration.take({ type: "workflow_started", seq: 2 });
  narration.take({ type: "attempt_started", seq: 3, step: "synthesis", number: 1, run: 1 });
  const text = "0123456789".repeat(10);
  const some = narration.take({ type: "answer", from: 0, text: text.slice(0, 50), settled: 50 });
  const more = narration.take({ type: "answer", from: 50, text: text.slice(50), settled: 100 });
  narration.take({ type: "workflow_completed", seq: 4 });
  const end = narration.finish(statusOf("complete", text));
  assert.equal(accumulate([...some, ...more, ...end]).text, text.slice(0, 64));
  assert.equal(end.at(-1).type, "response.incomplete");
  const { status, incomplete_details, output } = end.at(-1).response;
  assert.deepEqual(
    { status, incomplete_details },
    { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
  );
  assert.equal(output[1].status, "incomplete");
  assert.equal(output[1].content[0].text, text.slice(0, 64));
});

test("a long answer is told in pieces, and resumed after each", () => {
  const text = "0123456789 🚰".repeat(2_000);
  for (const structured of [null, { text }]) {
    const narrate = (after) => {
      const narration = new Narration("w", { after });
      const options = structured === null ? {} : { output_schema: { type: "object" } };
      const spec = { id: "w", prompt: "Tell.", options };
      const begin = [
        { type: "workflow_queued", seq: 1, at: "2026-11-27T12:00:00.000Z", spec },
        { type: "workflow_started", seq: 2 },
        { type: "attempt_started", seq: 3, step: "synthesis", number: 1, run: 1 },
        { type: "workflow_completed", seq: 4 },
      ];
      return [
        ...begin.flatMap((event) => narration.take(event)),
        ...narration.finish(statusOf("complete", text, structured)),
      ];
    };
    const whole = narrate();
    const pieces = whole.filter(({ type }) => type === "response.output_text.delta");
    assert.ok(pieces.length > 5 && pieces.every(({ delta }) => delta.length <= 4_096));
    assert.equal(accumulate(whole).text, structured === null ? text : JSON.stringify(structured));
    for (const [index, { sequence_number }] of whole.entries())
      assert.deepEqual(narrate(sequence_number), whole.slice(index + 1));
  }
});

test("a number of an earlier life of the workflow is told that it does not stand", () => {
  const run = makeRun(1, ["follows"]);
  assert.equal(readAll(run, run.ends.at(-1).tick, random(1), ofText(10_000, 5)), null);
});
