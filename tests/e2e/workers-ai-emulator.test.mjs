// The emulator of Workers AI, called as Miniflare's remote proxy calls it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { error, html, plan, text } from "./emulators/scripts.mjs";
import { startWorkersAi } from "./emulators/workers-ai.mjs";
import { dailyAllocationUsed, noSuchModel, outOfCapacity } from "./emulators/workers-ai-errors.mjs";

const emulator = await startWorkersAi();
after(() => emulator.close());

const LLAMA = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const GLM = "@cf/zai-org/glm-4.7-flash";
const SCHEMA = { type: "json_schema", json_schema: { type: "object", properties: { tasks: {} } } };

function run(workflow, { model = GLM, words = "", options = {}, path = "/run", url = emulator.url, ...inputs } = {}) {
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "mf-binding": "AI",
      "mf-url": `https://workers-binding.ai${path}?version=3`,
      ...(model ? { "mf-header-cf-consn-model-id": model } : {}),
    },
    body: JSON.stringify({
      inputs: {
        messages: [{ role: "user", content: workflow.prompt(words) }],
        max_tokens: 100,
        max_completion_tokens: 100,
        stream: true,
        ...inputs,
      },
      options,
    }),
  });
}

test("each family answers whole in its own shape", async () => {
  const workflow = emulator.workflow((call) =>
    call.number === 3 ? text("x", { shape: "responses" }) : plan(["a", "b"]),
  );
  const whole = { stream: false, response_format: SCHEMA };
  const native = await run(workflow, { ...whole, model: LLAMA });
  assert.equal(native.headers.get("content-type"), "application/json");
  assert.equal((await native.json()).response.tasks.length, 2);
  const chat = await (await run(workflow, whole)).json();
  assert.equal(JSON.parse(chat.choices[0].message.content).tasks[0].id, "a");
  const responses = await (await run(workflow, whole)).json();
  assert.equal(responses.output.at(-1).content[0].text, "x");
});

test("each family streams in its own frames", async () => {
  const workflow = emulator.workflow(() => text("Hello there", { reasoning: "Hm.", reasoningField: "reasoning" }));
  const native = await (await run(workflow, { model: LLAMA })).text();
  assert.match(native, /data: \{"response":"Hello"/);
  assert.match(native, /\[DONE\]\n\n$/);
  const chat = await (await run(workflow)).text();
  assert.match(chat, /"delta":\{"reasoning":"Hm."\}/);
  assert.match(chat, /"delta":\{"content":" there"\}/);
  assert.match(chat, /"finish_reason":"stop"/);
});

test("JSON mode streamed on Llama is refused with 5023", async () => {
  const response = await run(emulator.workflow(), { model: LLAMA, response_format: SCHEMA });
  assert.equal(response.status, 400);
  assert.equal((await response.json()).errors[0].code, 5023);
});

test("errors carry their codes and Retry-After", async () => {
  const scripts = [outOfCapacity(7), dailyAllocationUsed(), noSuchModel(GLM), html(502), error(500, {})];
  const workflow = emulator.workflow((_, number) => scripts[number - 1]);
  const busy = await run(workflow);
  assert.deepEqual([busy.status, busy.headers.get("retry-after"), (await busy.json()).internalCode], [429, "7", 3040]);
  assert.equal((await (await run(workflow)).json()).internalCode, 3036);
  assert.equal((await (await run(workflow)).json()).errors[0].code, 5007);
  assert.match(await (await run(workflow)).text(), /<html>/);
});

test("calls through AI Gateway go to its own path", async () => {
  const workflow = emulator.workflow();
  await run(workflow, { options: { gateway: { id: "gw" } }, path: "/ai-gateway/run" });
  assert.deepEqual([workflow.calls()[0].path, workflow.calls()[0].options.gateway.id], ["/ai-gateway/run", "gw"]);
  assert.deepEqual(emulator.violations, []);
});

test("what the binding loses silently is a violation", async (t) => {
  const server = await startWorkersAi();
  t.after(() => server.close());
  const workflow = server.workflow();
  const send = (inputs) => run(workflow, { url: server.url, ...inputs }).then((response) => response.text());
  await send({ messages: undefined, max_tokens: undefined, max_completion_tokens: undefined, stream: undefined });
  await send({ max_tokens: undefined });
  await send({ max_completion_tokens: undefined });
  await send({ response_format: { type: "json_schema", json_schema: {} } });
  await send({ response_format: { type: "json_schema", json_schema: { name: "plan", schema: {} } } });
  await send({ messages: [{ role: "user", content: null }] });
  await send({ temperature: null });
  await send({ options: { gateway: null } });
  await send({ options: { gateway: { id: "gw" } } });
  await send({ model: null });
  await send({ stream: undefined });
  const expected = [
    "the inputs are {}",
    "no max_tokens",
    "no max_completion_tokens",
    "an empty schema",
    "wrapper",
    "no string",
    "inputs.temperature is null",
    "options.gateway is null",
    "path /run with gateway gw",
    "no cf-consn-model-id",
    "is not streamed",
  ];
  const found = server.violations.join("\n");
  for (const part of expected) assert.ok(found.includes(part), `${part} in\n${found}`);
});
