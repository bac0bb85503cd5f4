// Schemathesis, which makes its requests from the OpenAPI document, finds nothing: every check is on, in every phase,
// against a server with tokens. What it can't know is in tests/e2e/schemathesis/. The doors are left out: what their
// protocols ask for says more than the document can, and their own tests send it. TEST_FULL=1 looks longer.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { capture } from "../../scripts/lib/exec.mjs";
import { schemathesis } from "../../scripts/setup/schemathesis.mjs";
import { document, ownPaths } from "./support/openapi.mjs";
import { startForFile } from "./support/worker.mjs";

/** Test cases for each operation in each phase that makes them at random. */
const EXAMPLES = process.env.TEST_FULL ? 300 : 8;
const SEED = process.env.SCHEMATHESIS_SEED ?? "1";
const TENANTS = { alice: "alice-0123456789abcdef0123", bob: "bob-0123456789abcdef012345" };
const PHASES = ["Examples", "Coverage", "Fuzzing", "Stateful"];

const settings = fileURLToPath(new URL("schemathesis", import.meta.url));

const command = await schemathesis();
const skip = command === null && "there is no Python for schemathesis";
const folder = mkdtempSync(path.join(os.tmpdir(), "schemathesis-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const server = await startForFile({
  vars: {
    API_TOKENS: Object.entries(TENANTS)
      .map((pair) => pair.join(":"))
      .join(),
    DEMO_SPEED: "0",
  },
  token: TENANTS.alice,
});

test("schemathesis finds nothing, with every check on and in every phase", { skip, timeout: 3_600_000 }, async () => {
  await makeWorkflows();
  const started = Date.now();
  const { code, stdout } = await run(written("own.json", { ...document, paths: ownPaths }), [
    "--max-examples",
    String(EXAMPLES),
  ]);
  assert.equal(code, 0, stdout);
  for (const phase of PHASES) assert.match(stdout, new RegExp(`✅ {2}${phase} \\(in`), stdout);
  const [, selected, total] = /(\d+) selected \/ (\d+) total/.exec(stdout) ?? [];
  assert.equal(Number(selected), Number(total), stdout);
  assert.equal(Number(selected), operations(), "every operation of the document");
  const [, cases] = /(\d+) generated/.exec(stdout) ?? [];
  assert.ok(Number(cases) > 20 * Number(total), stdout);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(`figure: schemathesis: ${cases} test cases for ${total} operations in ${seconds} s, nothing found`);
});

test("schemathesis finds what is wrong, so its silence means something", { skip, timeout: 120_000 }, async () => {
  const wrong = structuredClone(document);
  const { get } = wrong.paths["/health"];
  wrong.paths = { "/health": { get } };
  delete get.responses[503];
  get.responses[200].content["application/json"].schema = { type: "object", required: ["not there"] };
  const { code, stdout } = await run(written("wrong.json", wrong), ["--max-examples", "1", "--phases", "fuzzing"]);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /Response violates schema/);
});

function operations() {
  const methods = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];
  return Object.values(ownPaths).flatMap((item) => Object.keys(item).filter((key) => methods.includes(key))).length;
}

function written(name, value) {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

function run(file, flags) {
  const auth = Object.entries(TENANTS).map(([name, token]) => ({
    name,
    fixedHeaders: [{ name: "Authorization", value: `Bearer ${token}` }],
  }));
  writeFileSync(path.join(folder, "auth.json"), JSON.stringify({ auth }));
  const [program, ...before] = command;
  const config = ["--no-color", "--config-file", path.join(settings, "schemathesis.toml")];
  const fixed = ["run", file, "--url", server.url, "--checks", "all", "--seed", SEED, "--continue-on-failure"];
  return capture(program, [...before, ...config, ...fixed, ...flags], {
    // It leaves files where it runs.
    cwd: folder,
    env: {
      ...process.env,
      SCHEMATHESIS_AUTH: path.join(folder, "auth.json"),
      SCHEMATHESIS_HOOKS: path.join(settings, "hooks.py"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
}

/** One workflow in each state, by the ids of hooks.py. */
async function makeWorkflows() {
  const { api } = server;
  const submit = (id, body) =>
    api.post("/", { id, prompt: "- Find a venue\n- Draft a schedule", ...body }, { prefer: "wait=5" });
  await submit("complete");
  await submit("waiting", { options: { approval: "plan" } });
  await submit("paused", { options: { approval: "plan" } });
  await api.post("/paused/pause");
}
