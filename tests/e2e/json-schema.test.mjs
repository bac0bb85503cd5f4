// The official suite of JSON Schema on workerd: src/cloudflare/json-schema.js in the built Worker says what the suite
// says, wherever a submission takes the schema. tests/json_schema_suite.rs asks a native validator the same.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { jsonSchemaSuite } from "../../scripts/setup/json-schema-suite.mjs";
import { startWorker } from "./harness/miniflare.mjs";

const buildDir = fileURLToPath(new URL("../../build/crash-test", import.meta.url));
const listed = JSON.parse(readFileSync(new URL("../fixtures/json-schema-unsupported.json", import.meta.url), "utf8"));
const OPTIONAL = ["bignum", "ecmascript-regex", "float-overflow", "no-schema", "non-bmp-regex"];
/** Loose: a schema that holds the Worker up does so for longer than any patience. */
const PATIENCE_MS = 20_000;

const folder = await jsonSchemaSuite();
const skip = folder === null && "there is no Python to fetch the suite with";

let worker;
let stateDir;
test.before(async () => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), "orchestrator-workers-"));
  worker = await startWorker({ stateDir, buildDir, platform: true });
});
test.after(async () => {
  await worker?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

async function validated(asked) {
  const response = await fetch(`${worker.url}/crash/validate`, {
    method: "POST",
    body: JSON.stringify(asked),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  assert.equal(response.status, 200);
  return response.json();
}

const answerTo = async (schema, outputs) => (await validated([{ schema, texts: outputs.map(asText) }]))[0];
const asText = (value) => JSON.stringify(value);

test("the official suite agrees wherever a schema is honoured", { skip }, async () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  files.push(...OPTIONAL.map((name) => `optional/${name}.json`));
  const cases = files.flatMap((file) => {
    const read = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
    return read.map((each) => ({ ...each, name: `${file}: ${each.description}` }));
  });
  const answers = await validated(
    cases.map(({ schema, tests }) => ({ schema, texts: tests.map((t) => asText(t.data)) })),
  );
  const [refused, differing] = [{}, []];
  let count = 0;
  for (const [index, { name, tests }] of cases.entries()) {
    const answer = answers[index];
    if (answer.refused !== undefined) {
      refused[name] = answer.refused;
      continue;
    }
    for (const [place, { description, valid }] of tests.entries()) {
      count += 1;
      const verdict = answer.verdicts[place];
      const isRight = valid ? verdict === "" : verdict !== "" && !verdict.includes("could not be validated");
      if (!isRight) differing.push(`${name}: ${description}: ${asText(verdict)}`);
    }
  }
  assert.deepEqual(differing, []);
  assert.deepEqual(refused, listed);
  assert.ok(count > 1_000, `${count}`);
  console.log(`figure: JSON Schema suite, workerd: ${count} tests agree, ${Object.keys(refused).length} cases refused`);
});

test("faults have a place, words and a keyword, and are bounded", async () => {
  const schema = {
    properties: { list: { items: { type: "integer" } }, name: { maxLength: 3 } },
    required: ["id"],
    additionalProperties: false,
  };
  const { verdicts } = await answerTo(schema, [{ list: Array(100).fill("x"), name: "four", "a/b é": 1 }]);
  const lines = verdicts[0].split("\n");
  assert.equal(lines.length, 11, verdicts[0]);
  assert.match(lines.at(-1), /^\d+ more$/);
  assert.match(verdicts[0], /^\/list\/0: .*\(type\)$/m);
  assert.match(verdicts[0], /^the whole: .*\(required\)$/m);
  const few = await answerTo(schema, [{ id: 1, "a/b é": 1 }]);
  assert.equal(few.verdicts[0].split("\n").at(-1), "/a~1b é: is not allowed here");
});

test("no schema holds the Worker up, and what is not compared to its end does not fit", async () => {
  const itself = { $ref: "#" };
  const deep = (levels) => (levels === 0 ? 1 : { a: deep(levels - 1) });
  const list = (item, length = 4_000) => Array(length).fill(item);
  for (const [schema, output, expected] of [
    [{ pattern: `^(?:a|a)${"(?:a|a)".repeat(36)}$` }, "a".repeat(38), /\(pattern\)/],
    [{ pattern: `^${"a{0,9}".repeat(40)}$` }, `${"a".repeat(200)}b`, /\(pattern\)/],
    [{ items: { pattern: "^(a+)+$" } }, list("a".repeat(60)), /^$/],
    [{ properties: { a: { anyOf: [itself, itself] } } }, deep(60), /^$/],
    [{ items: { allOf: Array(900).fill({ type: "string" }) } }, list(1), /^\/0: .*\(type\)$/m],
    [{ uniqueItems: true }, list(0, 30_000).map((_, index) => index), /^$/],
    [{ items: { allOf: Array(900).fill({ uniqueItems: true }) } }, list([1, 2]), /takes too long/],
    [
      {
        $defs: { s: { required: list(0, 7_000).map((_, index) => `${index}`) } },
        allOf: Array(400).fill({ $ref: "#/$defs/s" }),
      },
      {},
      /missing/,
    ],
  ]) {
    const [{ verdicts }] = await validated([{ schema, texts: [asText(output)] }]);
    assert.match(verdicts[0], expected, asText(schema).slice(0, 100));
    assert.equal((await fetch(`${worker.url}/health`, { signal: AbortSignal.timeout(PATIENCE_MS) })).status, 200);
  }
  for (const pattern of ["(?=a)", "(.)\\1", "[z-a]", "\\-"]) {
    const { refused } = await answerTo({ pattern }, []);
    assert.match(refused, /pattern/, pattern);
  }
});

test("a property that every object of JavaScript has is none of the output", async () => {
  const schema = { required: ["toString"], properties: { constructor: { type: "string" } } };
  const { verdicts } = await answerTo(schema, [{}, { toString: 1 }, { toString: 1, constructor: 1 }]);
  assert.match(verdicts[0], /required/);
  assert.equal(verdicts[1], "");
  assert.match(verdicts[2], /type/);
});
