// What `serve` and a start say once they are ready.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ollamaHint } from "../../scripts/lib/ollama.mjs";
import { greetingOf } from "../../scripts/serve/greeting.mjs";

const said = {
  url: "http://127.0.0.1:1",
  folder: "/d",
  tokenFile: "/d/token",
  isNew: true,
  token: null,
  isDemo: false,
  hint: null,
};

test("the token is shown where it may be, and the first request works either way", () => {
  const hidden = greetingOf(said);
  assert.match(hidden, /The console: http:\/\/127\.0\.0\.1:1\n/);
  assert.match(hidden, /A token was made, and is kept in \/d\/token\./);
  assert.match(greetingOf({ ...said, isNew: false }), /The token is in \/d\/token\./);
  assert.doesNotMatch(greetingOf({ ...said, isNew: false }), /was made/);
  assert.match(hidden, /Bearer \$\(cat \/d\/token\)"/);
  const shown = greetingOf({ ...said, token: "a+b" });
  assert.match(shown, /http:\/\/127\.0\.0\.1:1\/#token=a%2Bb\n/);
  assert.equal(shown.split("a+b").length, 1, "and nowhere else");
  const given = greetingOf({ ...said, tokenFile: null });
  assert.match(given, /Bearer YOUR-TOKEN/);
  assert.doesNotMatch(given, /A token was made/);
  assert.match(greetingOf({ ...said, tokenFile: "/it's d/token" }), /cat '\/it'\\''s d\/token'/);
});

test("where no model is configured it says so, and which there could be", () => {
  const demo = greetingOf({ ...said, isDemo: true, hint: "Ollama here has x: do this" });
  assert.match(demo, /No model is configured: the demo answers/);
  assert.match(demo, /Ollama here has x: do this/);
  assert.doesNotMatch(greetingOf(said), /demo/);
});

test("an Ollama on this machine is told of, unless a provider is chosen", async (context) => {
  let body = { models: [{ name: "nomic-embed-text" }, { name: "qwen3:8b" }] };
  const server = createServer((_, response) => response.end(JSON.stringify(body)));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  context.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  const hint = (env = {}) => ollamaHint("npm start", { env, url });
  assert.equal(await hint(), "Ollama here has qwen3:8b: MODEL_PROVIDER=ollama npm start");
  assert.equal(await hint({ MODEL_PROVIDER: "demo" }), null);
  for (const other of [{ models: [] }, {}, [], "x"]) {
    body = /** @type {any} */ (other);
    assert.equal(await hint(), null);
  }
  server.close();
  assert.equal(await ollamaHint("npm start", { env: {}, url: "http://127.0.0.1:9" }), null);
});
