// The console says that no model answers only where none does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/load.mjs";

const { answersAsDemo, wasDemo } = await load("home/demo.ts");

test("a model that a prefix names is no demo, whatever the usual provider is", () => {
  for (const [provider, big, small, isDemo] of [
    ["demo", ["demo-big"], ["demo-small"], true],
    ["demo", ["my-box:m", "demo-big"], ["demo-small"], false],
    ["demo", ["demo-big"], ["my-box:m"], false],
    ["ollama", ["qwen3:8b"], ["qwen3:8b"], false],
  ]) {
    assert.equal(answersAsDemo({ provider, big, small }), isDemo);
    const specs = (names) =>
      names.map((name) => ({ provider: name.startsWith("my-box:") ? "my-box" : provider, name, context_tokens: 1 }));
    assert.equal(wasDemo({ provider, big_models: specs(big), small_models: specs(small) }), isDemo);
  }
});
