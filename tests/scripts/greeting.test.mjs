// What `serve` and a start say once they are ready.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { demoWords } from "../../scripts/lib/models.mjs";
import { ollamaHint } from "../../scripts/lib/ollama.mjs";
import { greetingOf } from "../../scripts/serve/greeting.mjs";
import { variablesOf } from "../../scripts/start/variables.mjs";

const said = {
  url: "http://127.0.0.1:1",
  folder: "/d",
  tokenFile: "/d/token",
  isNew: true,
  token: null,
  demo: null,
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
  const demo = greetingOf({ ...said, demo: demoWords({}), hint: "Ollama here has x: do this" });
  assert.match(demo, /No model is configured: the demo answers\. For real ones/);
  assert.match(demo, /Ollama here has x: do this/);
  assert.doesNotMatch(greetingOf(said), /demo/);
});

test("models that a prefix names are real, whatever MODEL_PROVIDER says", () => {
  const box = { PROVIDER_MY_BOX_BASE_URL: "http://127.0.0.1:1/v1", MODEL_PROVIDER: "demo" };
  for (const [variables, words] of [
    [{ BIG_MODEL: "my-box:m", SMALL_MODEL: "my-box:m" }, null],
    [{ BIG_MODEL: "ollama:a", SMALL_MODEL: "demo, openai:b" }, null],
    [{ BIG_MODEL: "my-box:m" }, /^SMALL_MODEL names no real model: the demo answers in its place/],
    [{ SMALL_MODEL: "my-box:m", BIG_MODEL: "demo:demo-big" }, /^BIG_MODEL names no real model/],
    // A name with a colon is no prefix.
    [{ BIG_MODEL: "other:m", SMALL_MODEL: "MY_BOX:m" }, /^No model is configured/],
    [{ MODEL_PROVIDER: "ollama" }, null],
    [{ MODEL_PROVIDER: "ollama", BIG_MODEL: "demo:a", SMALL_MODEL: "demo:b" }, /^No model is configured/],
    [{ MODEL_PROVIDER: undefined }, /^No model is configured/],
  ]) {
    const said = demoWords({ ...box, ...variables });
    if (words === null) assert.equal(said, null, JSON.stringify(variables));
    else assert.match(said, words);
  }
});

test("a start knows the variables of wrangler.toml, of files, of the shell and of its own arguments", (context) => {
  const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-start-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, ".dev.vars"), "BIG_MODEL=my-box:m\nPROVIDER_MY_BOX_BASE_URL='http://a/v1'\nPATH=x\n");
  writeFileSync(path.join(folder, "more.env"), "BIG_MODEL=b\n");
  const of = (args, env = {}) => variablesOf(args, "development", folder, env);
  const box = { BIG_MODEL: "my-box:m", PROVIDER_MY_BOX_BASE_URL: "http://a/v1" };
  assert.deepEqual(of([]).given, box);
  assert.deepEqual(of([]).all, { MODEL_PROVIDER: "demo", ...box });
  assert.deepEqual(of(["--env-file", "more.env"]).given, { BIG_MODEL: "b" });
  assert.deepEqual(of(["--env-file", "more.env"], { SMALL_MODEL: "s" }).given, {
    ...box,
    BIG_MODEL: "b",
    SMALL_MODEL: "s",
  });
  assert.equal(of(["--var", "BIG_MODEL:x:1"], { BIG_MODEL: "s" }).given.BIG_MODEL, "x:1");
});

test("an Ollama on this machine is told of, unless a provider is chosen", async (context) => {
  let body = { models: [{ name: "nomic-embed-text" }, { name: "qwen3:8b" }] };
  const server = createServer((_, response) => response.end(JSON.stringify(body)));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  context.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  const hint = (variables = {}) => ollamaHint("npm start", variables, url);
  assert.equal(await hint(), "Ollama here has qwen3:8b: MODEL_PROVIDER=ollama npm start");
  assert.equal(await hint({ MODEL_PROVIDER: "demo" }), null);
  assert.equal(await hint({ BIG_MODEL: "openai:x", SMALL_MODEL: "openai:y" }), null);
  for (const other of [{ models: [] }, {}, [], "x"]) {
    body = /** @type {any} */ (other);
    assert.equal(await hint(), null);
  }
  server.close();
  assert.equal(await ollamaHint("npm start", {}, "http://127.0.0.1:9"), null);
});
