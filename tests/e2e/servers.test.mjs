// OpenAI-compatible servers by names of their own: PROVIDER_NAME_BASE_URL, _API_KEY and _HEADERS.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startOpenai } from "./emulators/openai.mjs";
import { held, makeGate, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { startForFile, startWithOpenai, watched } from "./support/worker.mjs";

const KEY = "gsk-0123456789";
const own = watched(await startOpenai({ key: KEY }));
const OWN = {
  PROVIDER_MY_OWN_BASE_URL: `${own.url}/v1`,
  PROVIDER_MY_OWN_API_KEY: KEY,
  PROVIDER_MY_OWN_HEADERS: "X-Title: Orchestrator\nX-Secret: header-SECRET",
};

test("a server of the operator's answers for a role, with its key and headers, also after a crash", async () => {
  const vars = { ...OWN, SMALL_MODEL: "my-own:small-model" };
  const { api, emulator, crash } = await startWithOpenai({ vars });
  const gate = makeGate();
  const big = emulator.workflow();
  const small = own.workflow((call) => (call.task === "t3" ? held(gate, text("Late.")) : undefined));
  assert.equal(big.name, small.name);
  const id = await api.submit(big.prompt());
  await eventually("the last part is called", () => small.count("subtask", "t3") === 1);
  await crash();
  gate.open();
  const status = await api.reach(id, "complete");
  assert.equal(status.output.workerResponses[2], "Late.");
  assert.equal(status.provider, "openai");
  const [call] = small.calls("subtask");
  assert.deepEqual([call.headers["x-title"], call.headers["x-secret"]], ["Orchestrator", "header-SECRET"]);
  assert.equal(big.count("subtask"), 0);
  const { models } = (await api.get("/", { headers: { accept: "application/json" } })).json;
  assert.deepEqual(models.small, ["my-own:small-model"]);
});

test("MODEL_PROVIDER may name it", async () => {
  const vars = { ...OWN, MODEL_PROVIDER: "my-own", BIG_MODEL: "big-model", SMALL_MODEL: "small-model" };
  const { api } = await startForFile({ vars });
  const status = await api.run(own.workflow().prompt());
  assert.equal(status.provider, "my-own");
  assert.equal((await api.get("/health")).json.provider, "my-own");
});

test("a prefix that nothing defines is an error that names the variable", async () => {
  const { api } = await startForFile({ vars: { MODEL_PROVIDER: "demo", BIG_MODEL: "my-own:big-model" } });
  const answer = await api.get("/health");
  assert.equal(answer.status, 503);
  assert.match(answer.json.detail, /PROVIDER_MY_OWN_BASE_URL/);
});
