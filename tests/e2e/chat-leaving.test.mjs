// Clients of chat completions that leave: their run pauses and goes on with whoever joins it, and they are no listeners
// any more. A connection's end is seen when something is sent on it, which takes 15 seconds: TEST_FULL=1.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contract } from "./emulators/answers.mjs";
import { held, makeGate, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const skip = !process.env.TEST_FULL && "TEST_FULL=1";
const LISTENERS_MAX = 100;
const NOTICED_MS = 60_000;

const { api, emulator, url } = skip
  ? /** @type {any} */ ({})
  : await startWithOpenai({ vars: { DISCONNECT_SECONDS: "1" } });

/** A stream whose first bytes are there: `{ id, leave }`. */
async function listen(body, headers = {}) {
  const abort = new AbortController();
  const init = { method: "POST", headers, body: JSON.stringify(body), signal: abort.signal };
  const response = await fetch(`${url}/v1/chat/completions`, init);
  assert.equal(response.status, 200);
  await response.body.getReader().read();
  return { id: response.headers.get("x-workflow-id"), leave: () => abort.abort() };
}

const streamOf = (prompt) => ({ model: "orchestrator", stream: true, messages: [{ role: "user", content: prompt }] });

async function whole(body, headers) {
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(body) });
  const chunks = [...(await response.text()).matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json));
  const joined = (name) => chunks.map(({ choices }) => choices?.[0]?.delta[name] ?? "").join("");
  return {
    id: response.headers.get("x-workflow-id"),
    content: joined("content"),
    reasoning: joined("reasoning_content"),
  };
}

function inParts(gate) {
  return emulator.workflow((call) => {
    if (call.step === "plan") return held(gate, contract(["t1", "t2"]));
    return call.step === "subtask" ? text(`Answer of ${call.task}.`) : undefined;
  });
}

test("a stream that is left pauses its run, which goes on with whoever joins it", {
  skip,
  timeout: 120_000,
}, async () => {
  const gate = makeGate();
  const body = streamOf(inParts(gate).prompt());
  const { id, leave } = await listen(body);
  leave();
  await eventually("nobody listens", async () => (await api.status(id)).status === "waitingForPause", NOTICED_MS);
  gate.open();
  assert.equal((await api.reach(id, "paused")).stop_reason, "no_listener");
  const again = await whole(body, { "x-stainless-retry-count": "1" });
  assert.equal(again.id, id);
  assert.equal(again.content, "The final result.\n\nAnswer of t1.\n\nAnswer of t2.");
  assert.match(again.reasoning, /\nPaused\.\nGoes on\.\n/);
});

test("with an Idempotency-Key it goes on", { skip, timeout: 120_000 }, async () => {
  const gate = makeGate();
  const { id, leave } = await listen(streamOf(inParts(gate).prompt()), { "idempotency-key": "goes-on" });
  leave();
  // As long as the other one took.
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  gate.open();
  await api.reach(id, "complete");
});

test("any number may come and go, because who leaves is no listener", { skip, timeout: 120_000 }, async () => {
  const gate = makeGate();
  const body = streamOf(inParts(gate).prompt());
  const key = { "idempotency-key": "come-and-go" };
  for (let batch = 0; batch < 3; batch += 1) {
    const listeners = await Promise.all(Array.from({ length: LISTENERS_MAX * 0.45 }, () => listen(body, key)));
    for (const { leave } of listeners) leave();
  }
  gate.open();
  const answered = async () => /^The final result\./.test((await whole(body, key)).content);
  await eventually("there is room for one more", answered, NOTICED_MS);
});
