// An answer that fits a schema: servers with structured output, servers that refuse or ignore it, and prose for ever.

import assert from "node:assert/strict";
import { test } from "node:test";
import { refuses } from "./emulators/openai-errors.mjs";
import { text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { startForFile, startWithOpenai } from "./support/worker.mjs";

const SCHEMA = {
  type: "object",
  properties: {
    port: { type: "integer", minimum: 1 },
    hosts: { type: "array", items: { type: "string", pattern: "^db\\d+$" }, minItems: 1, uniqueItems: true },
  },
  required: ["port", "hosts"],
  additionalProperties: false,
};
const GOOD = '{"port": 8080, "hosts": ["db2", "db1"]}';
const PROSE = "The port is 8080, and the hosts are db2 and db1.";

const { api, emulator } = await startWithOpenai();
const demo = await startForFile({ vars: { DEMO_SPEED: "0" } });

/** A direct answer in prose, then these replies to `structure`, the last one for ever. */
function answering(on, replies) {
  let asked = 0;
  return on.workflow((call) =>
    call.step === "structure" ? replies[Math.min(asked++, replies.length - 1)] : text(PROSE),
  );
}

function submit(on, workflow, schema = SCHEMA, options = {}) {
  return on.submit({ prompt: workflow.prompt(), options: { mode: "direct", output_schema: schema, ...options } });
}

const asJson = (on, id) => on.get(`/workflows/${id}/result`, { accept: "application/json" });

test("a server with structured output gets the schema, and the answer is there as text and as JSON", async () => {
  const workflow = answering(emulator, [text(GOOD)]);
  const id = await submit(api, workflow);
  const status = await api.reach(id, "complete");
  assert.deepEqual(status.output, {
    orchestratorTasks: [workflow.prompt()],
    workerResponses: [PROSE],
    finalResult: PROSE,
    structured: JSON.parse(GOOD),
  });
  const [call] = workflow.calls("structure");
  const { name, strict, schema } = call.body.response_format.json_schema;
  assert.deepEqual([name, strict], ["answer", true]);
  assert.deepEqual(schema.required.sort(), ["hosts", "port"]);
  const json = await asJson(api, id);
  assert.deepEqual([json.status, json.headers.get("content-type"), json.text], [200, "application/json", GOOD]);
  const prose = await api.get(`/workflows/${id}/result`);
  assert.deepEqual([prose.headers.get("content-type").split(";")[0], prose.text], ["text/markdown", PROSE]);
});

test("a server that refuses the schema is asked without it, and its fenced JSON is read", async () => {
  const other = await startWithOpenai();
  const fenced = text(`Here it is:\n\n\`\`\`json\n${GOOD}\n\`\`\``);
  const workflow = other.emulator.workflow((call) => {
    if (call.step !== "structure") return text(PROSE);
    return "response_format" in call.body ? refuses.openai.response_format : fenced;
  });
  const status = await other.api.reach(await submit(other.api, workflow), "complete");
  assert.deepEqual(status.output.structured, JSON.parse(GOOD));
  assert.ok(workflow.calls("structure").some((call) => !("response_format" in call.body)));
});

test("JSON that does not fit is asked for again with the validator's words", async () => {
  const wrong = '{"port": 0, "hosts": ["db1", "db1", "web"], "more": 1}';
  const workflow = answering(emulator, [text(wrong), text(GOOD)]);
  const status = await api.reach(await submit(api, workflow), "complete");
  assert.deepEqual(status.output.structured, JSON.parse(GOOD));
  const [, again] = workflow.calls("structure");
  const told = again.messages.at(-1).content;
  for (const words of [/\/port: .*\(minimum\)/, /\/hosts: .*\(uniqueItems\)/, /\/hosts\/2: .*\(pattern\)/, /more/])
    assert.match(told, words);
  assert.equal(again.messages.at(-2).content, wrong);
});

test("prose every time is an error in the validator's words, and the free answer is kept", async () => {
  const workflow = answering(emulator, [text(PROSE)]);
  const id = await submit(api, workflow);
  const status = await api.reach(id, "errored");
  assert.equal(workflow.calls("structure").length, 4, "one call and three repairs");
  assert.equal(status.error.name, "InvalidOutput");
  assert.match(status.error.message, /the reply is no JSON/);
  assert.deepEqual([status.output.finalResult, status.output.structured], [PROSE, null]);
  assert.equal(stepOf(status, "synthesis").output, PROSE);
  const refused = await asJson(api, id);
  assertProblem(refused, 409);
  assert.match(refused.json.detail, /the reply is no JSON/);
  assert.equal((await api.get(`/workflows/${id}/result`)).text, PROSE);
});

test("the answer of many subtasks, reviewed, becomes JSON that fits, also after a restart", async () => {
  const body = { prompt: "Compare two ports. Name them.\n[demo: invalid-output 1x]", options: {} };
  body.options = { output_schema: SCHEMA, review: "once" };
  const id = await demo.api.submit(body);
  const wrong = await demo.api.reach(id, "errored");
  // The demo's text does not match the pattern, so that the real validator refuses it.
  assert.match(wrong.error.message, /pattern/);
  const loose = { ...SCHEMA, properties: { ...SCHEMA.properties, hosts: { type: "array" } } };
  const other = await demo.api.submit({ ...body, options: { ...body.options, output_schema: loose } });
  const status = await demo.api.reach(other, "complete");
  assert.deepEqual(status.output.structured, { port: 1, hosts: [] });
  assert.equal(stepOf(status, "structure").attempts.length, 2);
  assert.equal((await demo.api.post(`/${other}/restart`, { from: { name: "structure" } })).status, 200);
  assert.equal((await demo.api.reach(other, "complete")).run, 2);
});

for (const [what, schema, keyword, pointer] of [
  ["an unknown keyword", { properties: { a: { requred: [] } } }, "requred", "/properties/a"],
  ["a reference to another document", { $ref: "https://example.com/schema" }, "$ref", ""],
  ["a pattern that looks back", { pattern: "^(a)\\1$" }, "pattern", ""],
  ["a pattern that is none", { pattern: "^[\\w.\\-]+\\@\\w{2,9}$" }, "pattern", ""],
  ["what leads back to itself", { anyOf: [{ $ref: "#" }] }, "$ref", ""],
  ["a type that there is not", { items: { type: "strng" } }, "type", "/items"],
])
  test(`a schema that can't be honoured is refused at once: ${what}`, async () => {
    const answer = await demo.api.post("/", { prompt: "x", options: { output_schema: schema } });
    assertProblem(answer, 400);
    const { field, ...named } = answer.json;
    assert.deepEqual([field, named.keyword, named.pointer], ["options.output_schema", keyword, pointer]);
  });

test("hostile JSON and hostile texts take no time and are no success", async () => {
  const deep = `${"[".repeat(90_000)}${"]".repeat(90_000)}`;
  const long = JSON.stringify({ port: 1, hosts: [`db${"1".repeat(100_000)}x`] });
  const many = JSON.stringify({ port: 1, hosts: Array.from({ length: 20_000 }, (_, index) => `db${index % 19_999}`) });
  const twice = '{"port": 1, "port": 2, "hosts": ["db1"]}';
  const infinite = '{"port": 1e400, "hosts": ["db1"]}';
  for (const reply of [deep, long, many, twice, infinite]) {
    const workflow = answering(emulator, [text(reply), text(GOOD)]);
    const before = performance.now();
    const status = await api.reach(await submit(api, workflow), "complete");
    assert.ok(performance.now() - before < 5_000);
    assert.equal(stepOf(status, "structure").attempts.length, 2);
    assert.equal(stepOf(status, "structure").attempts[0].error.name, "InvalidOutput");
  }
});
