// A client of Responses that goes away: what becomes of its run, and that it may come back.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { assertEvents } from "./support/open-responses.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { url, emulator, api } = await startWithOpenai({ vars: { DISCONNECT_SECONDS: "0.3" } });
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });

/**
 * A client that leaves before there is a plan, which comes then. Of its parts `t1` and `t2` are done one after the
 * other, which is what the server notices the departure by; `t3` waits for the gate.
 */
async function leave(more = {}, options = {}) {
  const planned = makeGate();
  const gate = makeGate();
  const tasks = [
    "t1",
    { id: "t2", depends_on: ["t1"] },
    { id: "t3", depends_on: ["t2"] },
    { id: "t4", depends_on: ["t3"] },
  ];
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return held(planned, plan(tasks));
    const answer = text(`Answer of ${call.task}.`, { pauseMs: 50 });
    return call.task === "t3" ? held(gate, answer) : answer;
  });
  const body = { model: "orchestrator", input: workflow.prompt(), stream: true, ...more };
  const before = [];
  for await (const event of await client.responses.create(body, options)) {
    before.push(event);
    if (event.delta === "Planning.\n") break;
  }
  planned.open();
  return { id: before[0].response.id, before, gate, workflow };
}

const statusOf = (id) => api.status(`workflows/${id.slice("resp_".length)}`).then(({ status }) => status);

test("a stream that nobody reads pauses its run, and whoever reads on has it go on", async () => {
  const { id, before, gate, workflow } = await leave();
  await eventually("nobody listens", async () => ["waitingForPause", "paused"].includes(await statusOf(id)));
  gate.open();
  await eventually("it is paused", async () => (await statusOf(id)) === "paused");
  assert.equal(workflow.count("subtask", "t4"), 0);
  // Who fetches it waits for it: that is to listen, for as long as it takes.
  assert.equal((await client.responses.retrieve(id)).status, "in_progress");
  const after = [];
  const query = { stream: true, starting_after: before.at(-1).sequence_number };
  for await (const event of await client.responses.retrieve(id, query)) after.push(event);
  assertEvents([...before, ...after]);
  assert.equal(after.at(-1).type, "response.completed");
  assert.match(after.map(({ delta }) => delta ?? "").join(""), /Paused\.\nGoes on\.\n/);
});

for (const [what, more, options] of [
  ["in the background", { background: true }, {}],
  ["with an Idempotency-Key", {}, { headers: { "Idempotency-Key": "key-of-away" } }],
])
  test(`${what} it goes on without a listener`, async () => {
    const { id, gate } = await leave(more, options);
    gate.open();
    await eventually("it is complete", async () => (await statusOf(id)) === "complete");
    const { spec } = (await api.get(`/workflows/${id.slice("resp_".length)}/events?types=workflow_queued`)).text
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice("data: ".length)))[0];
    assert.notEqual(spec.options.on_disconnect, "pause");
  });
