// A deployment that is configured wrongly says so, by the variable's name, and never falls back to the demo.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertProblem } from "./support/api.mjs";
import { startForFile } from "./support/worker.mjs";

const WRONG = [
  ["a number that is none", { HEARTBEAT_MS: "soon" }, /HEARTBEAT_MS/],
  ["an unknown provider", { MODEL_PROVIDER: "oracle" }, /MODEL_PROVIDER/],
  [
    "openai without models",
    { MODEL_PROVIDER: "openai", OPENAI_API_KEY: "sk-hushhush-0123456789" },
    /BIG_MODEL|SMALL_MODEL/,
  ],
  [
    "OpenAI's own service without a key",
    { MODEL_PROVIDER: "openai", BIG_MODEL: "gpt-5", SMALL_MODEL: "gpt-5-mini" },
    /OPENAI_API_KEY/,
  ],
  ["workers-ai without its binding", { MODEL_PROVIDER: "workers-ai" }, /AI/],
  ["a token that can be guessed", { API_TOKENS: "alice:hushhush" }, /API_TOKENS/],
];

for (const [what, vars, named] of WRONG) {
  test(`${what} closes the workflow routes and names the variable`, async () => {
    const { api } = await startForFile({ vars });
    const problem = assertProblem(await api.post("/", { prompt: "Write." }), 503, "invalid-configuration");
    assert.match(problem.detail, named);
    assert.ok(!/hushhush/.test(problem.detail), "no value of a secret");
  });
}
