// How fast Ollama's model is here, said before anybody waits for it.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { measure, speedWords } from "../../scripts/lib/ollama.mjs";
import { tellSpeed } from "../../scripts/start/index.mjs";
import { variablesOf } from "../../scripts/start/variables.mjs";
import { startOllama } from "./emulators/ollama.mjs";
import { eventually } from "./support/eventually.mjs";
import { startServe, temporaryFolder } from "./support/serve.mjs";

const folder = temporaryFolder();
const never = new AbortController().signal;

async function emulated(options) {
  const emulator = await startOllama(options);
  after(() => emulator.close());
  return emulator;
}

test("the first model is measured by one call, in the context that the Worker will ask for", async () => {
  const emulator = await emulated({ models: ["nomic-embed-text", "qwen3:8b", "llama3.2:3b"] });
  const speed = await measure({ OLLAMA_BASE_URL: `${emulator.url}/v1/` }, never);
  assert.deepEqual(speed, { model: "qwen3:8b", writes: 10, reads: 100 });
  assert.equal(
    speedWords(speed),
    "qwen3:8b writes 10 tokens a second here: a report of five parts takes about 16 minutes",
  );
  const named = { OLLAMA_BASE_URL: emulator.url, BIG_MODEL: "ollama:llama3.2:3b, qwen3:8b", PLAN_MAX_TOKENS: "8192" };
  assert.equal((await measure(named, never)).model, "llama3.2:3b");
  assert.equal((await measure({ ...named, BIG_MODEL_CONTEXT_TOKENS: "4096" }, never)).model, "llama3.2:3b");
  const asked = emulator.measured.map(({ model, options, stream }) => [model, options.num_ctx, stream]);
  assert.deepEqual(asked, [
    ["qwen3:8b", 8_192, false],
    ["llama3.2:3b", 16_384, false],
    ["llama3.2:3b", 4_096, false],
  ]);
  assert.deepEqual(emulator.violations, []);
});

test("a small context is kept, and what can't be known is an error", async () => {
  const small = await emulated({ context: 4_096 });
  await measure({ OLLAMA_BASE_URL: small.url }, never);
  assert.equal(small.measured[0].options.num_ctx, 4_096);
  const cached = await emulated({ durations: { prompt_eval_count: undefined, eval_duration: 1_600_000_000 } });
  assert.deepEqual(await measure({ OLLAMA_BASE_URL: cached.url }, never), {
    model: "llama3.2:3b",
    writes: 20,
    reads: 200,
  });
  const silent = await emulated({ durations: {} });
  await assert.rejects(measure({ OLLAMA_BASE_URL: silent.url }, never), /does not say how long/);
  const none = await emulated({ models: [] });
  await assert.rejects(measure({ OLLAMA_BASE_URL: none.url }, never), /no model/);
  await assert.rejects(measure({ OLLAMA_BASE_URL: none.url, BIG_MODEL: "x" }, never), /model 'x' not found/);
  const slow = await emulated({ delayMs: 60_000 });
  await assert.rejects(measure({ OLLAMA_BASE_URL: slow.url }, never, 200), { name: "TimeoutError" });
  assert.match(speedWords({ model: "m", writes: 2.345, reads: 1_000 }), /writes 2\.3 tokens .* 57 minutes/);
  assert.match(speedWords({ model: "m", writes: 1_000, reads: 9_000 }), /about a minute$/);
});

test("a start takes the server from .dev.vars too, and says nothing of one that does not answer", async () => {
  const emulator = await emulated({ models: ["qwen3:8b"] });
  const said = [];
  const tell = (words) => said.push(words);
  const start = (lines) => {
    writeFileSync(`${folder}/.dev.vars`, lines.join("\n"));
    return tellSpeed(variablesOf([], "development", folder, {}).all, never, tell);
  };
  await start(["MODEL_PROVIDER=demo"]);
  await start(["MODEL_PROVIDER=ollama", "OLLAMA_BASE_URL=http://127.0.0.1:9"]);
  assert.deepEqual(said, []);
  await start(["MODEL_PROVIDER=ollama", `OLLAMA_BASE_URL="${emulator.url}/v1"`]);
  assert.match(said[0], /^qwen3:8b writes 10 tokens a second here/);
  // By a prefix alone, and not where it only answers for others.
  await start(["BIG_MODEL=ollama:qwen3:8b", `OLLAMA_BASE_URL="${emulator.url}/v1"`]);
  assert.equal(said.length, 2);
  const box = ["PROVIDER_MY_BOX_BASE_URL=http://127.0.0.1:9/v1", "BIG_MODEL=my-box:m"];
  await start(["MODEL_PROVIDER=ollama", ...box, `OLLAMA_BASE_URL="${emulator.url}/v1"`]);
  assert.equal(said.length, 2);
});

test("serve says it once it is ready, and waits for it neither then nor at its end", { timeout: 120_000 }, async () => {
  const emulator = await emulated({ models: ["qwen3:8b"] });
  const vars = { MODEL_PROVIDER: "ollama", OLLAMA_BASE_URL: emulator.url };
  const server = await startServe({ data: `${folder}/measured`, vars });
  await eventually("it is said", () => /qwen3:8b writes 10 tokens a second here: .* 16 minutes\./.test(server.words));
  const [{ level, model, tokens_per_second: writes }] = server.logged("model_speed");
  assert.deepEqual([level, model, writes], ["info", "qwen3:8b", 10]);
  assert.equal(await server.end(), 0);

  const slow = await emulated({ models: ["qwen3:8b"], delayMs: 60_000 });
  const waiting = await startServe({ data: `${folder}/slow`, vars: { ...vars, OLLAMA_BASE_URL: slow.url } });
  await eventually("it is asked", () => slow.measured.length === 1);
  assert.deepEqual(waiting.logged("model_speed"), []);
  const begin = Date.now();
  assert.equal(await waiting.end(), 0);
  assert.ok(Date.now() - begin < 10_000, `${Date.now() - begin} ms`);

  const away = await startServe({ data: `${folder}/away`, vars: { ...vars, OLLAMA_BASE_URL: "http://127.0.0.1:9" } });
  await eventually("it is said", () => away.logged("model_speed").length === 1);
  assert.match(away.logged("model_speed")[0].message, /^not measured: /);
  assert.equal((await away.api.get("/ready")).status, 200);
  assert.equal(await away.end(), 0);
});
