// Subscribers that vanish and one that never reads hold nobody up, and nothing of them is left. There is a bound on
// them. On the build that says how many there are.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { plan, text } from "./emulators/scripts.mjs";
import { assertProblem } from "./support/api.mjs";
import { readEvents, subscribe } from "./support/events.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const buildDir = fileURLToPath(new URL("../../build/crash-test", import.meta.url));
const VANISHING = 30;
const SUBSCRIBERS_MAX = 100;
const SUBTASKS = ["t1", "t2", "t3", "t4"];
/**
 * More than the buffers between the Worker and a client that does not read: those of the kernel hold several megabytes.
 */
const PIECE = "a word or two ".repeat(1_000);
const PIECES = 60;
/** A vanished or slow subscriber that held the run up would do so for ever. */
const SLOWER_AT_MOST = 4;

const { api, emulator, url } = await startWithOpenai({ buildDir });

function longRun() {
  return emulator.workflow((call) => {
    if (call.step === "plan") return plan(SUBTASKS);
    return call.step === "subtask" ? text("Long.", { pieces: Array(PIECES).fill(PIECE), pauseMs: 20 }) : undefined;
  });
}

async function subscribers(id) {
  return (await fetch(`${url}/crash/object/default~${id}/subscribers`)).json();
}

async function timed(id) {
  const { start, end } = await api.reach(id, "complete", 60_000);
  return Date.parse(end) - Date.parse(start);
}

test("those who vanish or never read hold nobody up and leave nothing behind", {
  timeout: 120_000,
}, async (context) => {
  const alone = await timed(await api.submit(longRun().prompt()));

  const id = await api.submit(longRun().prompt());
  const reading = fetch(`${url}/${id}/events`).then((response) => readEvents(response));
  const neverReads = await subscribeWithoutReading(id);
  const vanishing = await subscribed(id, VANISHING);
  assert.equal(await subscribers(id), VANISHING + 2, "all of them are counted");
  for (const controller of vanishing) controller.abort();
  await eventually("the vanished are gone while it runs", async () => (await subscribers(id)) <= 2);
  assert.equal((await api.status(id)).status, "running");

  const watched = await timed(id);
  const frames = await reading;
  assert.equal(frames.at(-1).event, "workflow_completed", "the one that reads got everything");
  assert.equal(await subscribers(id), 1, "the one that does not read still has something to read");
  neverReads.destroy();
  await eventually("nobody is left", async () => (await subscribers(id)) === 0);
  context.diagnostic(
    `figure: a run with ${VANISHING} vanished subscribers and one that never reads: ${watched} ms, alone ${alone} ms`,
  );
  assert.ok(watched < SLOWER_AT_MOST * alone, `${watched} ms, alone ${alone} ms`);
});

test("one who wants few types gets a sign of life while much else happens, and leaves nothing behind", async () => {
  const id = await api.submit(longRun().prompt());
  await api.reach(id, "running");
  const controller = new AbortController();
  const query = "?types=workflow_completed";
  const response = await fetch(`${url}/${id}/events${query}`, { signal: controller.signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let read = "";
  // The sign of life of this build comes after half a second.
  while (!read.includes(": keep-alive")) read += (await reader.read()).value;
  assert.doesNotMatch(read, /event:/);
  assert.equal((await api.status(id)).status, "running", "it came in the middle of the run");
  controller.abort();
  await eventually("it is gone", async () => (await subscribers(id)) === 0);
  await api.reach(id, "complete", 60_000);
});

test("of a workflow that waits, too, a vanished subscriber leaves nothing", async () => {
  const id = await api.submit({ prompt: longRun().prompt(), options: { approval: "plan" } });
  await api.reach(id, "waiting");
  const vanishing = await subscribed(id, VANISHING);
  assert.equal(await subscribers(id), VANISHING);
  for (const controller of vanishing) controller.abort();
  // Nothing is written to them but the sign of life, more often in this build than the usual fifteen seconds, and only
  // a write tells.
  await eventually("nobody is left", async () => (await subscribers(id)) === 0);
});

test("one more than may read is told when to ask again, and let in once another one has left", async () => {
  const id = await api.submit({ prompt: longRun().prompt(), options: { approval: "plan" } });
  await api.reach(id, "waiting");
  const watching = await subscribed(id, SUBSCRIBERS_MAX);
  const refused = await api.get(`/${id}/events`);
  const { subscribers_max } = assertProblem(refused, 429, "too-many-subscribers");
  assert.equal(subscribers_max, SUBSCRIBERS_MAX);
  assert.match(refused.headers.get("retry-after"), /^[1-9]\d*$/);
  assert.equal(await subscribers(id), SUBSCRIBERS_MAX, "whoever was refused is not counted");
  assert.equal((await api.status(id)).status, "waiting", "whoever polls is answered");

  watching.pop().abort();
  await eventually("one has left", async () => (await subscribers(id)) < SUBSCRIBERS_MAX);
  watching.push(await subscribe(api, id));
  assert.equal((await api.get(`/${id}/events`)).status, 429, "full again");
  // They belong to one workflow: another one has room.
  const other = await subscribe(api, await api.submit(longRun().prompt()));
  for (const controller of [...watching, other]) controller.abort();
});

const subscribed = (id, count) => Promise.all(Array.from({ length: count }, () => subscribe(api, id)));

/** A connection that is answered and of which nothing is read, ever. */
async function subscribeWithoutReading(id) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  await once(socket, "connect");
  const before = await subscribers(id);
  socket.write(`GET /${id}/events HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await eventually("it is subscribed", async () => (await subscribers(id)) > before);
  return socket;
}
