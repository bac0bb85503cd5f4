// The requests that ship with the eval, and the checks of their answers: each passes a good answer and fails bad ones.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { tools } from "../../scripts/eval/tools.mjs";

const folder = (name) => new URL(`../../eval/${name}`, import.meta.url);
const requests = readdirSync(folder("requests/")).map((file) => ({
  file,
  ...JSON.parse(readFileSync(folder(`requests/${file}`), "utf8")),
}));
const samples = readdirSync(folder("checks/samples/"));

test("the requests are as the docs say: forty at least, a third simple or sequential, a third held out", () => {
  const schema = JSON.parse(readFileSync(folder("request.schema.json"), "utf8"));
  const isRequest = new Ajv().compile(schema);
  for (const { file, ...request } of requests)
    assert.ok(isRequest(request), `${file}: ${JSON.stringify(isRequest.errors)}`);
  assert.ok(requests.length >= 40, `${requests.length}`);
  const share = (is) => requests.filter(is).length / requests.length;
  assert.ok(share(({ shape }) => shape !== "split") >= 1 / 3);
  const heldOut = share(({ held_out }) => held_out);
  assert.ok(heldOut >= 0.3 && heldOut <= 0.45, `${heldOut}`);
  assert.ok(new Set(requests.map(({ language }) => language)).size >= 5);
  for (const kind of schema.properties.kind.enum)
    assert.ok(
      requests.some((request) => request.kind === kind),
      kind,
    );
  for (const shape of ["split", "simple"]) assert.ok(requests.some((one) => one.held_out && one.shape === shape));
});

test("no request is one of those that the prompts were made with", () => {
  for (const { file, prompt } of requests)
    assert.doesNotMatch(prompt, /token bucket|PostgreSQL 13|Eigentümergemeinschaft|ticket shop/i, file);
});

const checked = requests.filter(({ check }) => check);

test("every check has a request and samples, a good one and two bad ones at least", () => {
  const modules = readdirSync(folder("checks/")).filter((name) => name.endsWith(".mjs") && name !== "common.mjs");
  assert.deepEqual(modules.sort(), checked.map(({ check }) => check).sort());
  for (const { check } of checked) {
    const own = samples.filter((name) => name.startsWith(check.replace(/mjs$/, "")));
    assert.ok(own.filter((name) => name.includes(".good")).length >= 1, check);
    assert.ok(own.filter((name) => name.includes(".bad-")).length >= 2, check);
  }
});

for (const { check } of checked)
  test(`${check} tells a good answer from bad ones`, { concurrency: true }, async () => {
    const module = await import(folder(`checks/${check}`).href);
    const own = samples.filter((name) => name.startsWith(check.replace(/mjs$/, "")));
    assert.ok(existsSync(folder(`checks/${check}`)));
    await Promise.all(
      own.map(async (name) => {
        const answer = readFileSync(folder(`checks/samples/${name}`), "utf8");
        const results = await module.check(answer, tools);
        assert.ok(results.length > 0, name);
        const failed = results.filter(({ passed }) => !passed);
        const told = JSON.stringify(failed);
        assert.equal(failed.length === 0, name.includes(".good"), `${name}: ${told}`);
      }),
    );
  });
