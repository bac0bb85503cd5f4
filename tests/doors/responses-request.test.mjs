// From a request for a response to a submission.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../../src/doors/openai-common/errors.js";
import { read } from "../../src/doors/responses/request.js";
import { ECHO, labelOf, Resource } from "../../src/doors/responses/resource.js";

const AT = "2026-11-27T12:00:00.000Z";

/** The response that would be retrieved, of the submission alone. */
async function retrieved(body) {
  const { submission } = await read(body);
  return new Resource("w", submission, AT).running(false);
}

test("input is a text, or messages: the user's last ones are the prompt, the system's are instructions", async () => {
  const input = [
    { role: "developer", content: "Be brief." },
    { type: "message", role: "user", content: [{ type: "input_text", text: "One." }] },
    { type: "reasoning", id: "rs_1", summary: [] },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "Two.", annotations: [] }] },
    { role: "user", content: "Three." },
    { role: "user", content: "Four." },
  ];
  const { submission } = await read({ input, instructions: "In English." });
  assert.equal(submission.prompt, "Three.\n\nFour.");
  assert.deepEqual(submission.history, [{ request: "One.", answer: "Two." }]);
  assert.equal(submission.options.instructions, "In English.\n\nBe brief.");
  assert.equal((await read({ input: "Five." })).submission.prompt, "Five.");
});

test("what a function was called with and gave is text of an earlier turn; of others it is refused", async () => {
  const { submission } = await read({
    input: [
      { role: "user", content: "Weather?" },
      { type: "function_call", name: "w", arguments: '{"in": "Rome"}', call_id: "1" },
      { type: "function_call_output", call_id: "1", output: [{ type: "input_text", text: "Rain." }] },
      { type: "custom_tool_call", name: "look", input: "out", call_id: "2" },
      { type: "custom_tool_call_output", call_id: "2", output: "Clouds." },
      { role: "user", content: "So?" },
    ],
  });
  assert.equal(submission.prompt, "So?");
  const [{ request, answer }, ...others] = submission.history;
  assert.deepEqual([request, others], ["Weather?", []]);
  const parts = ['(Called tools: w({"in": "Rome"}))', "(A tool's result: Rain.)"];
  assert.equal(answer, [...parts, "(Called tools: look(out))", "(A tool's result: Clouds.)"].join("\n\n"));
  const item = { type: "web_search_call", id: "ws_1", status: "completed" };
  const refused = read({ input: [item, { role: "user", content: "So?" }] });
  await assert.rejects(refused, /input\[0\] \(web_search_call\): .*put its text into a message/);
});

test("what the core does not keep is in a label, and comes back", async () => {
  const response = await retrieved({
    model: "orchestrator-thorough",
    input: "x",
    background: true,
    max_output_tokens: 99,
    truncation: "disabled",
    safety_identifier: "safe",
    prompt_cache_key: "cache",
    metadata: { own: "1" },
    text: { verbosity: "low", format: { type: "json_schema", name: "n", strict: false, schema: { type: "object" } } },
  });
  const { model, background, max_output_tokens, truncation, safety_identifier, prompt_cache_key, metadata } = response;
  assert.deepEqual(
    [model, background, max_output_tokens, truncation, safety_identifier, prompt_cache_key, metadata],
    ["orchestrator-thorough", true, 99, "disabled", "safe", "cache", { own: "1" }],
  );
  assert.deepEqual(response.text, {
    verbosity: "low",
    format: { type: "json_schema", name: "n", description: null, strict: false, schema: { type: "object" } },
  });
});

test("the label never has more than 512 characters, and what counts stays in it", () => {
  const echo = {
    model: "orchestrator-thorough",
    background: true,
    max: 1_000_000,
    previous: `resp_${"p".repeat(100)}`,
    format: { type: "json_schema", name: "n".repeat(64), strict: true, description: "d".repeat(2_000) },
    safety: "\u0001".repeat(64),
    cache: "c".repeat(64),
    ignored: Array.from({ length: 12 }, (_, index) => `field_${index}`),
  };
  const label = labelOf(echo);
  assert.ok(label.length <= 512, `${label.length} characters`);
  const { max, background, previous, format } = JSON.parse(label);
  assert.deepEqual([max, background, previous, format.name], [echo.max, true, echo.previous, echo.format.name]);
});

test("a workflow that came by another way is a response too", () => {
  const spec = { prompt: "x", options: { output_schema: { type: "object" } }, metadata: { [ECHO]: "no JSON" } };
  const response = new Resource("w", spec, AT).running(true);
  assert.deepEqual([response.model, response.store, response.status], ["orchestrator", true, "queued"]);
  assert.equal(response.text.format.type, "json_schema");
});

test("whatever stands in a field, it is taken or refused in words", async () => {
  const FIELDS = [
    ...["model", "input", "instructions", "previous_response_id", "stream", "background", "store", "metadata"],
    ...["max_output_tokens", "text", "truncation", "safety_identifier", "prompt_cache_key", "include", "tools"],
    ...["tool_choice", "conversation", "prompt", "top_logprobs", "context_management", "unknown"],
  ];
  const ODD = [
    0,
    -1,
    1.5,
    1e300,
    "",
    "x",
    true,
    false,
    [],
    {},
    [[]],
    [{}],
    [null],
    ["x"],
    { type: {} },
    { format: [] },
  ];
  const more = [{ format: 1 }, { format: { type: null } }, { format: { type: "json_schema", schema: [] } }];
  const items = [[{ role: 1 }], [{ role: "user" }], [{ role: "user", content: {} }], [{ role: "user", content: [1] }]];
  const parts = [[{ role: "user", content: [{ type: "input_text" }] }], [{ type: 3, role: "user" }], [{ type: [] }]];
  let refused = 0;
  for (const field of FIELDS)
    for (const value of [...ODD, ...more, ...items, ...parts])
      try {
        const { submission } = await read({ input: "Tell.", [field]: value });
        assert.ok(submission.prompt.length > 0);
      } catch (error) {
        const what = `${field}: ${JSON.stringify(value)}`;
        assert.ok(error instanceof Refusal, `${what} gives ${error.stack}`);
        assert.ok([400, 404].includes(error.status) && error.message.length > 15, `${what} gives ${error.message}`);
        refused += 1;
      }
  assert.ok(refused > 200, `${refused} were refused`);
});
