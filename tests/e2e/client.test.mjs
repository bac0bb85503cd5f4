// A client written for the original demo (Cloudflare Workflows behind it) works unchanged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { error } from "./emulators/scripts.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { emulator, url } = await startWithOpenai();

/** As such a client does it: submit, poll until it is over, read the three fields. */
async function originalClient(prompt) {
  const created = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ prompt }),
  });
  if (!created.ok) throw new Error(`could not submit: ${created.status}`);
  const { id, details } = await created.json();
  if (typeof details.status !== "string") throw new Error("no details");
  for (let polls = 0; polls < 200; polls += 1) {
    const { status } = await (await fetch(`${url}/${id}`)).json();
    if (status.status === "errored" || status.status === "terminated")
      throw new Error(`${status.error.name ?? ""}: ${status.error.message ?? status.error}`);
    if (status.status === "complete") return status.output;
    await sleep(50);
  }
  throw new Error("it took too long");
}

test("submits, polls and reads the three fields", async () => {
  const output = await originalClient(emulator.workflow().prompt());
  const { orchestratorTasks, workerResponses, finalResult } = output;
  assert.equal(orchestratorTasks.length, 3);
  assert.ok(orchestratorTasks.every((task) => typeof task === "string"));
  assert.deepEqual(workerResponses, ["Answer of t1.", "Answer of t2.", "Answer of t3."]);
  assert.equal(finalResult, "The final result.");
});

test("learns of a failure", async () => {
  const workflow = emulator.workflow(() => error(404, { error: { message: "no such model" } }));
  await assert.rejects(originalClient(workflow.prompt()), /no such model/);
});
