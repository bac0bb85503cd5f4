// Follow-ups, remarks and reviews from outside: what a client sends, what it gets, what stays when the parent goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, stepOf } from "./support/api.mjs";
import { CONFERENCE } from "./support/prompts.mjs";
import { startForFile } from "./support/worker.mjs";

const worker = await startForFile({
  vars: { DEMO_SPEED: "0", API_TOKENS: "ada:token-of-ada-0123456789abc,bob:token-of-bob-0123456789abc" },
});
const ada = new Api(worker.url, "token-of-ada-0123456789abc");
const bob = new Api(worker.url, "token-of-bob-0123456789abc");
const direct = (prompt, more = {}) => ({ prompt, options: { mode: "direct" }, ...more });

test("a follow-up knows what was said before, and what follows it knows both", async () => {
  const first = await ada.submit(direct("Which port does it use?"));
  const answer = (await ada.reach(first, "complete")).output.finalResult;
  const second = await ada.submit(direct("Shorter.", { follow_up_to: first }));
  const status = await ada.reach(second, "complete");
  assert.deepEqual(status.parent, { id: first, run: 1, left_out: 0 });
  assert.deepEqual(status.history, [{ request: "Which port does it use?", answer }]);
  assert.match(
    status.output.finalResult,
    /1 earlier exchange, the last of which began with this request:\n\n> Which port does it use\?/,
  );

  const third = await ada.submit({ prompt: CONFERENCE, follow_up_to: second });
  const last = await ada.reach(third, "complete");
  assert.deepEqual(
    last.history.map(({ request }) => request),
    ["Which port does it use?", "Shorter."],
  );
  const subtask = last.steps.find(({ name }) => name.startsWith("subtask/"));
  assert.match(subtask.output, /2 earlier exchanges/);
  assert.equal((await ada.get(`/${third}?simple=true`)).json.status.history, undefined);
  const fields = (await ada.get(`/${third}?fields=parent,history`)).json.status;
  assert.deepEqual(Object.keys(fields).sort(), ["history", "parent"]);
});

test("a client may bring the conversation itself, cut as a follow-up's, and a small model may answer", async () => {
  const history = [{ request: "Which port does it use?", answer: "8080." }];
  const key = { "idempotency-key": "with a history" };
  const options = { mode: "direct", big_model: "demo-small", retention_seconds: 3_600 };
  const id = await ada.submit({ prompt: "And the host?", history, options }, key);
  const status = await ada.reach(id, "complete");
  assert.deepEqual([status.parent, status.history, status.warnings], [null, history, []]);
  assert.match(status.output.finalResult, /1 earlier exchange, the last of which began with this request:\n\n> Which/);
  assert.equal(stepOf(status, "synthesis").attempts[0].model, "demo-small");
  assert.equal(Date.parse(status.purge) - Date.parse(status.end), 3_600_000);
  const other = await ada.post("/", { prompt: "And the host?", history: [], options }, key);
  assert.equal(other.status, 422, "it is a part of what is asked");

  const long = [{ request: "Old.", answer: "x".repeat(256 * 1024) }, ...history];
  const cut = await ada.reach(await ada.submit({ prompt: "Shorter.", history: long, options }), "complete");
  assert.equal(cut.history.length, 1, "the newest");
  assert.match(cut.warnings[0].message, /^the 1 earliest exchanges of the conversation are left out/);
  const next = await ada.submit(direct("Shorter still.", { follow_up_to: cut.urls.status.split("/").at(-1) }));
  assert.equal((await ada.reach(next, "complete")).parent.left_out, 1);

  const both = await ada.post("/", { prompt: "x", history, follow_up_to: id });
  assert.deepEqual([both.status, both.json.field], [400, "history"]);
});

test("what can not be gone on with is refused with its field", async () => {
  const refused = async (api, id) => {
    const answer = await api.post("/workflows", direct("Shorter.", { follow_up_to: id }));
    assert.equal(answer.json.field, "follow_up_to", answer.text);
    return [answer.status, answer.json.type.split(":").at(-1)];
  };
  const mine = await ada.submit(direct("A question."));
  await ada.reach(mine, "complete");
  assert.deepEqual(await refused(ada, "no-such-workflow"), [404, "not-found"]);
  assert.deepEqual(await refused(bob, mine), [404, "not-found"], "another tenant's is an unknown one");
  assert.deepEqual(await refused(ada, "not an id"), [400, "invalid-request"]);
  const waiting = await ada.submit({ prompt: CONFERENCE, options: { approval: "plan" } });
  await ada.reach(waiting, "waiting");
  assert.deepEqual(await refused(ada, waiting), [409, "result-not-ready"]);
  await ada.post(`/${waiting}/terminate`);
  assert.deepEqual(await refused(ada, waiting), [409, "no-result"]);
});

test("the copy lives with the child, and a repetition is answered whatever becomes of the parent", async () => {
  const parent = await ada.submit(direct("A question."));
  await ada.reach(parent, "complete");
  const key = { "idempotency-key": "a-follow-up" };
  const body = direct("Shorter.", { follow_up_to: parent });
  const child = await ada.submit(body, key);
  const before = await ada.reach(child, "complete");
  assert.equal((await ada.request("DELETE", `/${parent}`)).status, 204);
  assert.deepEqual((await ada.status(child)).history, before.history);
  const again = await ada.post("/", body, key);
  assert.deepEqual([again.status, again.json.id], [202, child]);
  const other = await ada.post("/", direct("Longer.", { follow_up_to: parent }), key);
  assert.equal(other.status, 422);
  const fresh = await ada.post("/", body, { "idempotency-key": "another" });
  assert.deepEqual([fresh.status, fresh.json.field], [404, "follow_up_to"]);
});

test("a step runs again with a remark, and knows what it wrote", async () => {
  const id = await ada.submit(direct("A question."));
  await ada.reach(id, "complete");
  const body = { from: { name: "synthesis" }, instructions: "In one line." };
  assert.equal((await ada.post(`/${id}/restart`, body)).status, 200);
  const status = await ada.reach(id, "complete");
  assert.equal(status.run, 2);
  assert.match(status.output.finalResult, /this remark:\n\n> In one line\./);
  for (const wrong of [
    { instructions: "In one line." },
    { from: "failed", instructions: "In one line." },
    { from: { name: "synthesis" }, instructions: " " },
  ]) {
    const answer = await ada.post(`/${id}/restart`, wrong);
    assert.deepEqual([answer.status, answer.json.field], [400, "instructions"], answer.text);
  }
});

test("a review changes the answer, and what can't be used of it leaves the answer", async () => {
  const reviewed = async (marker) => {
    const id = await ada.submit({ prompt: `${CONFERENCE}\n${marker}`, options: { review: "once" } });
    const status = await ada.reach(id, "complete");
    return { status, changed: status.output.finalResult !== stepOf(status, "synthesis").output };
  };
  const good = await reviewed("");
  assert.deepEqual([good.status.answer.reviewed, good.changed, good.status.warnings], [true, true, []]);
  assert.match(good.status.output.finalResult, /The demo's reviewer added these words/);
  for (const [marker, warnings] of [
    ["[demo: failing-review]", ["edit_failed"]],
    ["[demo: invalid-review]", ["failed"]],
    ["[demo: invalid-review 1x]", []],
    ["[demo: fail review]", ["failed"]],
  ]) {
    const { status, changed } = await reviewed(marker);
    assert.deepEqual(
      status.warnings.map(({ reason }) => reason),
      warnings,
      marker,
    );
    assert.equal(changed, marker.endsWith("1x]"), marker);
  }
});
