// `?fields=` of GET /:id: only the fields of STATUS that are named.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startForFile } from "./support/worker.mjs";

const { api } = await startForFile({ vars: { DEMO_SPEED: "0" } });
const id = await api.submit({ prompt: "Name three rivers; name three lakes; name three hills" });
await api.reach(id, "complete");

const status = async (query) => (await api.get(`/${id}${query}`)).json.status;

test("only the fields that are named come, whatever their order", async () => {
  assert.deepEqual(Object.keys(await status("?fields=usage,status")).sort(), ["status", "usage"]);
  assert.deepEqual(Object.keys(await status("?fields=run&fields=urls")).sort(), ["run", "urls"]);
});

test("steps come without their texts unless these are named", async () => {
  const { steps } = await status("?fields=steps");
  assert.ok(steps.length >= 5, `${steps.length} steps`);
  assert.ok(steps.every((step) => !("output" in step) && Array.isArray(step.attempts)));
  const whole = await status("");
  assert.deepEqual((await status("?fields=steps.output")).steps, whole.steps);
  assert.deepEqual((await status("?fields=output")).output, whole.output);
});

test("an unknown field is an error that lists the known ones", async () => {
  for (const query of ["?fields=mood", "?fields=", "?fields=steps.title"]) {
    const answer = await api.get(`/${id}${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.json.detail, /fields/);
  }
});

test("each choice of fields has an entity tag of its own", async () => {
  const tag = async (query) => (await api.get(`/${id}${query}`)).headers.get("etag");
  const tags = await Promise.all(["", "?simple=true", "?fields=status", "?fields=status,run"].map(tag));
  assert.equal(new Set(tags).size, 4, tags.join(" "));
  assert.equal(await tag("?fields=run,status"), tags[3]);
  const known = await api.get(`/${id}?fields=status`, { "if-none-match": tags[2] });
  assert.equal(known.status, 304);
});
