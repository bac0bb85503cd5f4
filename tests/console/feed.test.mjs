// How the console keeps up with a workflow: where it resumes, and when it asks again. On a scripted server and on
// virtual time, without a browser.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { load } from "./support/load.mjs";

const TICK_MS = 10;
const PATIENCE_MS = 120_000;

mock.timers.enable({ apis: ["setTimeout", "Date"] });
Object.assign(globalThis, {
  addEventListener() {},
  removeEventListener() {},
  document: { visibilityState: "visible", addEventListener() {}, removeEventListener() {} },
  requestAnimationFrame: (draw) => setTimeout(draw, TICK_MS),
});
const { LiveWorkflow } = await load("net/live.ts");

const running = [];
afterEach(() => {
  for (const live of running.splice(0)) live.stop();
});

/** A workflow as the page has it, of a server that gives these answers in turn, then 204. */
function watch(...answers) {
  const requests = [];
  globalThis.fetch = async (path, { headers }) => {
    requests.push({ path, lastEventId: headers.get("last-event-id"), at: Date.now() });
    return answers.shift() ?? new Response(null, { status: 204 });
  };
  const live = new LiveWorkflow("w1");
  running.push(live);
  return { live, requests, lastEventIds: () => requests.map(({ lastEventId }) => lastEventId) };
}

/** Lets virtual time pass until the condition holds. */
async function until(condition) {
  for (let waited = 0; !condition(); waited += TICK_MS) {
    assert.ok(waited < PATIENCE_MS, `not within ${PATIENCE_MS} ms: ${condition}`);
    // What is asked and read takes turns of the event loop, and no time.
    for (let turns = 0; turns < 5; turns++) await turn();
    mock.timers.tick(TICK_MS);
  }
}

/** A stream of events that ends. */
function stream(...events) {
  const frames = events.map((event) => {
    const { id, ...data } = event;
    return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(data)}\n\n`;
  });
  return new Response(frames.join(""), { headers: { "content-type": "text/event-stream" } });
}

/** A short journal of one life of the id. */
function journal(life) {
  const spec = { id: "w1", prompt: `Prompt of ${life}.`, options: {}, policy: {}, provider: "demo" };
  const bodies = [
    { type: "workflow_queued", spec },
    { type: "workflow_started" },
    { type: "workflow_paused" },
    { type: "workflow_resumed" },
    { type: "workflow_terminated" },
  ];
  return bodies.map((body, index) => {
    const seq = index + 1;
    return { ...body, id: `${seq}-${life}`, seq, at: new Date(1000 * seq).toISOString() };
  });
}

const [FIRST, SECOND] = [journal("aaaaaaaa"), journal("bbbbbbbb")];
const hasEnded = (live) => live.connection.get().kind === "ended";

test("a stream that breaks off is resumed by the whole id of the last event", async () => {
  const { live, lastEventIds } = watch(stream(...FIRST.slice(0, 3)), stream(...FIRST.slice(3)));
  await until(() => hasEnded(live));
  assert.deepEqual(lastEventIds(), [null, "3-aaaaaaaa"]);
  assert.deepEqual([live.workflow.get().status, live.workflow.get().seq], ["terminated", 5]);
  await until(() => lastEventIds().length === 3);
  assert.equal(lastEventIds().at(-1), "5-aaaaaaaa", "whether it was restarted is asked after its last event");
});

test("an id that was deleted and used again is shown as the new workflow alone", async () => {
  const { live, lastEventIds } = watch(stream(...FIRST.slice(0, 4)), stream(...SECOND.slice(0, 3)));
  await until(() => lastEventIds().length === 3);
  assert.deepEqual(lastEventIds(), [null, "4-aaaaaaaa", "3-bbbbbbbb"]);
  const { spec, status, seq, log } = live.workflow.get();
  assert.deepEqual([spec.prompt, status, seq], ["Prompt of bbbbbbbb.", "paused", 3]);
  assert.deepEqual(
    log.map((entry) => entry.seq),
    [1, 2, 3],
  );
});

test("events from the middle of another life lead to everything from the beginning", async () => {
  // As of a server that compares nothing but numbers.
  const { live, lastEventIds } = watch(stream(...FIRST.slice(0, 3)), stream(SECOND[3]), stream(...SECOND));
  await until(() => hasEnded(live));
  assert.deepEqual(lastEventIds(), [null, "3-aaaaaaaa", null]);
  assert.equal(live.workflow.get().spec.prompt, "Prompt of bbbbbbbb.");
});

test("a server that leaves something out again and again is asked for everything, and ever less often", async () => {
  const gaps = Array.from({ length: 5 }, () => stream(FIRST[4]));
  const { live, requests, lastEventIds } = watch(stream(...FIRST.slice(0, 2)), ...gaps, stream(...FIRST));
  await until(() => hasEnded(live));
  assert.deepEqual(lastEventIds(), [null, "2-aaaaaaaa", "2-aaaaaaaa", null, null, null, null]);
  const pauses = requests.slice(2).map(({ at }, index) => at - requests[index + 1].at);
  [150, 1000, 4000, 8000, 8000].forEach((ms, nth) => {
    assert.ok(pauses[nth] >= ms && pauses[nth] < ms + 10 * TICK_MS, `${pauses}`);
  });
  assert.equal(live.workflow.get().status, "terminated");
});

test("the reader's answer is asked for, where the server knows it", async () => {
  const unknown = new Response("{}", { status: 400 });
  const { live, requests } = watch(unknown, stream(...FIRST));
  await until(() => hasEnded(live));
  assert.deepEqual(
    requests.slice(0, 2).map(({ path }) => path),
    ["/workflows/w1/events?types=all", "/workflows/w1/events"],
  );
  assert.equal(live.workflow.get().status, "terminated");
});

test("a complete run is asked once how long its answer is, and the page does without where nobody tells", async () => {
  const complete = [...FIRST.slice(0, -1), { ...FIRST.at(-1), type: "workflow_completed" }];
  for (const [answer, measured] of [
    [new Response(JSON.stringify({ status: { answer: { words: 7, limit: null } } })), { words: 7, limit: null }],
    [new Response("{}", { status: 400 }), null],
    [new Response("no JSON"), null],
  ]) {
    const { live, requests } = watch(stream(...complete));
    const { fetch } = globalThis;
    globalThis.fetch = (path, init) =>
      path.includes("?fields=") ? fetch(path, init).then(() => answer) : fetch(path, init);
    await until(() => requests.length > 4);
    assert.deepEqual(live.workflow.get().measured, measured);
    assert.equal(requests.filter(({ path }) => path.includes("?fields=answer")).length, 1);
  }
});

test("where too many read already it says so, and asks again when it was told to", async () => {
  const title = "Too many clients read the workflow's events";
  const problem = { type: "urn:orchestrator-workers:problem:too-many-subscribers", title, status: 429, detail: "100" };
  const refused = () => new Response(JSON.stringify(problem), { status: 429, headers: { "retry-after": "10" } });
  const { live, requests } = watch(refused(), refused(), stream(...FIRST));
  await until(() => live.connection.get().kind === "waiting");
  const { refusal, retryAt } = live.connection.get();
  assert.equal(refusal.title, title);
  await until(() => hasEnded(live));
  const [first, second, third] = requests.map(({ at }) => at);
  for (const pause of [second - first, third - second])
    assert.ok(pause >= 10_000 && pause <= 12_000 + TICK_MS, `${pause}`);
  assert.ok(Math.abs(retryAt - second) <= 2 * TICK_MS, "the time that is shown is that of the next request");
});

test("a control of a run that ended long ago shows its effect at once", async () => {
  const restarted = { type: "workflow_restarted", run: 2, reset: "everything" };
  const { live, requests } = watch(stream(...FIRST));
  await until(() => requests.length > 7);
  const pause = requests.at(-1).at - requests.at(-2).at;
  assert.ok(pause >= 30_000, `it is asked seldom by now: ${pause}`);
  const { fetch } = globalThis;
  const answers = [
    () => new Response(JSON.stringify({ id: "w1", status: { status: "running", run: 2 } })),
    () => stream({ ...restarted, id: "6-aaaaaaaa", seq: 6, at: new Date(6000).toISOString() }),
  ];
  globalThis.fetch = (path, init) => (answers.length > 0 ? answers.shift()() : fetch(path, init));
  const clicked = Date.now();
  void live.act("restart", "controls", {});
  assert.equal(live.action.get().kind, "asked", "it says so before the server answers");
  assert.equal(await live.act("restart", "controls", {}), false, "a second click restarts nothing again");
  await until(() => live.workflow.get().run === 2);
  assert.ok(Date.now() - clicked < 1000, `${Date.now() - clicked} ms`);
  assert.equal(live.action.get(), null);
});

test("a change while the answer from before it is under way is asked for again", async () => {
  const { live, requests } = watch(stream(...FIRST));
  await until(() => requests.length > 7);
  // The poll has been answered by 204, and the answer has not arrived when the control is done.
  const { fetch } = globalThis;
  let answer;
  globalThis.fetch = (path, init) =>
    new Promise((resolve) => {
      globalThis.fetch = (path, init) =>
        path.endsWith("/pause") ? Promise.resolve(new Response("{}")) : fetch(path, init);
      answer = () => resolve(fetch(path, init));
    });
  await until(() => answer);
  await live.act("pause", "controls");
  const before = requests.length;
  answer();
  const asked = Date.now();
  await until(() => requests.length === before + 2);
  assert.ok(Date.now() - asked < 1000, `${Date.now() - asked} ms`);
});

test("a server that says to come back at once is asked with pauses all the same", async () => {
  const refused = () => new Response("", { status: 503, headers: { "retry-after": "0" } });
  const { live, requests } = watch(refused(), refused(), refused(), stream(...FIRST));
  await until(() => hasEnded(live));
  const pauses = requests.slice(1).map(({ at }, index) => at - requests[index].at);
  [300, 1000, 2000].forEach((ms, nth) => {
    assert.ok(pauses[nth] >= 0.8 * ms && pauses[nth] <= 1.2 * ms + 2 * TICK_MS, `${pauses}`);
  });
});
