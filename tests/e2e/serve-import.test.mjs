// A journal that comes back: of a workflow that was deleted, for another tenant, and with what is no event.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { EVENT_BYTES_MAX } from "../../scripts/serve/exported.mjs";
import { Api } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { runCommand, startServe, temporaryFolder } from "./support/serve.mjs";

const TOKENS = { me: "0123456789abcdef0123", bob: "bob3456789abcdef0123" };
const VARS = { DEMO_SPEED: "0", API_TOKENS: `me:${TOKENS.me},bob:${TOKENS.bob}` };
const folder = temporaryFolder();
const in_ = (...parts) => path.join(folder, ...parts);
const idsOf = async (api) => (await api.get("/workflows")).json.workflows.map(({ id }) => id).sort();

test("an imported workflow is in the list of its tenant alone, also after a deletion; the longest event is read", {
  timeout: 120_000,
}, async () => {
  const data = ["--data", in_("data")];
  const first = await startServe({ data: in_("data"), vars: VARS, token: TOKENS.me });
  for (const id of ["w1", "w2"]) await first.api.run({ id, prompt: "Say hello.", options: { mode: "direct" } });
  await eventually("the list has them", async () => (await idsOf(first.api)).length === 2);
  const [w1, w2] = await Promise.all(["w1", "w2"].map((id) => runCommand("export", [id, ...data])));
  writeFileSync(in_("w1.jsonl"), w1.stdout);
  assert.equal((await first.api.request("DELETE", "/w1")).status, 204);
  await eventually("the list has one", async () => (await idsOf(first.api)).length === 1);
  assert.equal(await first.end(), 0);

  // A row of the greatest length that import takes, in which the Worker ignores what it does not know.
  const [head, queued, started, ...rest] = w2.stdout.split("\n");
  const long = JSON.parse(started);
  long.data.unknown = "";
  long.data.unknown = "x".repeat(EVENT_BYTES_MAX - JSON.stringify(long.data).length);
  writeFileSync(
    in_("long.jsonl"),
    [head, queued, JSON.stringify(long), ...rest].join("\n").replaceAll('"w2"', '"long"'),
  );
  // What only the Worker can find wrong.
  const garbled = w2.stdout.replaceAll('"w2"', '"garbled"').replace(/"big_models":\[\{/, '"big_models":[{"x":1},{');
  writeFileSync(in_("garbled.jsonl"), garbled);
  for (const [file, tenant] of [
    ["garbled.jsonl", "me"],
    ["w1.jsonl", "me"],
    ["w1.jsonl", "bob"],
    ["long.jsonl", "me"],
  ]) {
    const made = await runCommand("import", [in_(file), "--tenant", tenant, ...data]);
    assert.equal(made.status, 0, made.stderr);
  }
  const server = await startServe({ data: in_("data"), vars: VARS, token: TOKENS.me });
  const bob = new Api(server.url, TOKENS.bob);
  for (const [api, id] of /** @type {const} */ ([
    [server.api, "w1"],
    [server.api, "long"],
    [bob, "w1"],
  ]))
    assert.equal((await api.status(id)).status, "complete");
  await eventually("each has its own", async () => {
    const ids = [await idsOf(server.api), await idsOf(bob)];
    return JSON.stringify(ids) === JSON.stringify([["long", "w1", "w2"], ["w1"]]);
  });
  assert.equal((await server.api.get("/garbled")).status, 503);
  for (const id of ["garbled", "long"]) assert.equal((await server.api.request("DELETE", `/${id}`)).status, 204, id);
  for (const id of ["garbled", "long"]) assert.equal((await server.api.get(`/${id}`)).status, 404, id);
  assert.equal(await server.end(), 0);
});
