// `serve` with a list of alarms that is damaged, and after it was moved away.

import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { eventually } from "./support/eventually.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { runCommand, startServe, temporaryFolder } from "./support/serve.mjs";

test("a damaged list of alarms ends the start, and without it workflows go on by themselves", {
  timeout: 120_000,
}, async () => {
  const data = path.join(temporaryFolder(), "data");
  const list = path.join(data, "objects/orchestrator-workers-OrchestratorWorkflow/metadata.sqlite");
  const vars = { HEARTBEAT_MS: "500" };
  const first = await startServe({ data, vars });
  const id = await first.api.submit(CONFERENCE);
  await eventually("it runs", async () => (await first.api.get("/workflows")).json.counts.running === 1);
  assert.equal(await first.end(), 0);
  writeFileSync(list, "no database ".repeat(1_000));
  const refused = await runCommand("serve", ["--data", data, "--port", "0"]);
  assert.equal(refused.status, 78, refused.stderr + refused.stdout);
  assert.match(refused.stderr, /\nerror: [^\n]+metadata\.sqlite is damaged[^\n]+: move it away[^\n]+\n$/);

  renameSync(list, `${list}.damaged`);
  const second = await startServe({ data, vars });
  assert.deepEqual(
    second.logged("alarms_made").map(({ alarms }) => alarms),
    [1],
  );
  // Nobody asks for the workflow itself.
  const isComplete = async () => (await second.api.get("/workflows")).json.counts.complete === 1;
  await eventually("it is complete", isComplete, 60_000);
  assert.equal((await second.api.status(id)).status, "complete");
  assert.equal(await second.end(), 0);
  const third = await startServe({ data, vars });
  assert.deepEqual(third.logged("alarms_made"), []);
  assert.equal(await third.end(), 0);
});
