// What is deleted leaves the disk of `serve` also where somebody goes on asking, so that no file is ever closed.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./support/eventually.mjs";
import { bytesOf, filesIn } from "./support/files.mjs";
import { startServe, temporaryFolder } from "./support/serve.mjs";

const WITHIN_MS = 60_000;
const folder = temporaryFolder();

test("a deleted prompt leaves the disk while a console asks for the list each second", {
  timeout: 120_000,
}, async (context) => {
  const server = await startServe({ data: path.join(folder, "data"), vars: { DEMO_SPEED: "0" } });
  const { api } = server;
  const found = () => filesIn(folder).filter((file) => bytesOf(file).includes("Wolpertinger"));
  await api.run({ id: "secret", prompt: "Invite the Wolpertinger.", metadata: { guest: "Wolpertinger" } });
  await eventually("the list has it", async () => (await api.get("/workflows")).json.counts.complete === 1);
  assert.ok(found().length > 1, "the search finds what is there");
  assert.equal((await api.request("DELETE", "/secret")).status, 204);
  const began = Date.now();
  while (found().length > 0) {
    assert.ok(Date.now() - began < WITHIN_MS, `it is still in ${found()}`);
    assert.equal((await api.get("/workflows")).status, 200);
    await sleep(1_000);
  }
  context.diagnostic(`figure: serve: a deleted prompt was gone from the disk ${Date.now() - began} ms later`);
  assert.equal(await server.end(), 0);
});
