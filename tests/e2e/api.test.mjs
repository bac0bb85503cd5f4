// Submitting a workflow and reading it: section 5 of the design, on real workerd with an emulated model behind it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { error, held, makeGate, plan, tasksOf, text } from "./emulators/scripts.mjs";
import { assertProblem, stepOf } from "./support/api.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator } = await startWithOpenai();
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("POST answers 202 with Location, id and STATUS before the model has said anything", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, plan(["t1"])));
  const answer = await api.post("/", { prompt: workflow.prompt(), metadata: { team: "docs" } });
  assert.equal(answer.status, 202, answer.text);
  const { id, details } = answer.json;
  assert.match(id, UUID_V7);
  assert.equal(answer.headers.get("location"), `/${id}`);
  assert.ok(["queued", "running"].includes(details.status), details.status);
  assert.equal(details.output, null);
  assert.equal(details.error, null);
  assert.deepEqual(details.metadata, { team: "docs" });
  const status = `/workflows/${id}`;
  assert.deepEqual(details.urls, {
    status,
    events: `${status}/events`,
    result: `${status}/result`,
    console: status,
    follow_ups: `/workflows?parent=${status.split("/").at(-1)}`,
  });
  await eventually("the planner is called, and has not answered", () => workflow.count("plan") === 1);
  gate.open();
  await api.reach(id, "complete");
});

test("the prompt can be the body itself, as text/plain or text/markdown", async () => {
  for (const type of ["text/plain", "text/plain;charset=UTF-8", "text/markdown"]) {
    const workflow = emulator.workflow();
    const prompt = workflow.prompt("# Grüße\n\nWrite.");
    const answer = await api.post("/", prompt, { "content-type": type });
    assert.equal(answer.status, 202, answer.text);
    assert.equal((await api.status(answer.json.id)).prompt, prompt);
  }
});

test("JSON under curl's form content type, or none, is read as JSON", async () => {
  const workflow = emulator.workflow();
  const body = Buffer.from(JSON.stringify({ prompt: workflow.prompt() }));
  for (const headers of [{ "content-type": "application/x-www-form-urlencoded" }, {}]) {
    const answer = await api.post("/", new Uint8Array(body), headers);
    assert.equal(answer.status, 202, answer.text);
  }
});

test("a whole number is one however it is written, and a pair of escapes is its character", async () => {
  for (const number of ["3", "3.0", "3e0", "0.3e1"]) {
    const workflow = emulator.workflow();
    const prompt = JSON.stringify(`${workflow.prompt()} 🎉`).replace("🎉", "\\ud83c\\udf89");
    const body = `{"prompt":${prompt},"options":{"max_subtasks":${number}}}`;
    const answer = await api.post("/", body, { "content-type": "application/json" });
    assert.equal(answer.status, 202, answer.text);
    const status = await api.reach(answer.json.id, "complete");
    assert.equal(status.prompt, `${workflow.prompt()} 🎉`);
    const events = (await api.get(`/${answer.json.id}/events`)).text;
    assert.equal(JSON.parse(/^data: (.*)$/m.exec(events)[1]).spec.options.max_subtasks, 3);
  }
});

test("every route of a workflow is below /workflows, and at the root as in 0.1.0", async () => {
  const workflow = emulator.workflow();
  const answer = await api.post("/workflows", { id: "canonical", prompt: workflow.prompt() });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.headers.get("location"), "/workflows/canonical");
  await api.reach("canonical", "complete");
  for (const part of ["", "/result", "/events"]) {
    const [canonical, alias] = await Promise.all([
      api.get(`/workflows/canonical${part}`),
      api.get(`/canonical${part}`),
    ]);
    assert.deepEqual([canonical.status, canonical.text], [200, alias.text], part);
  }
  assert.equal((await api.post("/workflows/canonical/restart", { from: "failed" })).status, 200);
  assert.equal((await api.get("/workflows/canonical", { accept: "text/html" })).text.slice(0, 9), "<!doctype");
  assert.equal((await api.request("DELETE", "/workflows/canonical")).status, 204);
  assertProblem(await api.get("/canonical"), 404);
});

test("a reserved word is nobody's id, and no workflow of that name is hidden", async () => {
  for (const word of ["usage", "health", "workflows"]) assertProblem(await api.get(`/workflows/${word}`), 404);
  assert.match(assertProblem(await api.get("/usage"), 404).detail, /below \/workflows/);
  assertProblem(await api.get("/assets/pause"), 404);
});

test("a browser at an address without a page gets the console, with the status of a client's problem", async () => {
  const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8" };
  const long = `/${"x".repeat(200)}`;
  const addresses = ["/a%20b", "/%zz", "/a/b/c", long, "/usage", "/tenants", "/assets/pause", "/index.html"];
  for (const [address, status] of [...addresses.map((address) => [address, 404]), ["/a/pause", 405]]) {
    const page = await fetch(api.url + address, { headers: browser });
    assert.deepEqual([page.status, page.headers.get("content-type")], [status, "text/html; charset=utf-8"], address);
    assert.match(await page.text(), /^<!doctype html>/);
    assert.match(page.headers.get("content-security-policy"), /^default-src 'none'/);
    assert.deepEqual([page.headers.get("vary"), page.headers.get("cache-control")], ["Accept, Origin", "no-cache"]);
    assert.equal(page.headers.has("allow"), status === 405, address);
    const head = await fetch(api.url + address, { method: "HEAD", headers: browser });
    assert.deepEqual([head.status, await head.text()], [status, ""], address);
    for (const accept of [undefined, "*/*", "application/json"]) {
      const answer = await api.get(address, accept && { accept });
      assertProblem(answer, status);
      assert.equal(answer.headers.get("vary"), "Accept, Origin", address);
    }
  }
});

test("the client's own id is taken once", async () => {
  const workflow = emulator.workflow();
  assert.equal(await api.submit({ id: "my_own-id", prompt: workflow.prompt() }), "my_own-id");
  assertProblem(await api.post("/", { id: "my_own-id", prompt: "Again." }), 409);
  await api.reach("my_own-id", "complete");
  assert.equal(workflow.count("plan"), 1);
});

test("the client's own tasks need no planner and are validated like a plan", async () => {
  const workflow = emulator.workflow();
  const tasks = tasksOf([{ id: "a" }, { id: "b", depends_on: ["a"] }]);
  const status = await api.run({ prompt: workflow.prompt(), tasks });
  assert.equal(workflow.count("plan"), 0);
  assert.deepEqual(status.output.workerResponses, ["Answer of a.", "Answer of b."]);
  const broken = await api.post("/", { prompt: "x", tasks: tasksOf([{ id: "a", depends_on: ["nowhere"] }]) });
  assert.match(assertProblem(broken, 400).detail, /nowhere/);
});

test("a finished workflow shows what clients of Cloudflare Workflows and of the original demo look for", async () => {
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["a", { id: "b", depends_on: ["a"] }]) : undefined,
  );
  const status = await api.run(workflow.prompt());
  assert.deepEqual(status.output, {
    orchestratorTasks: status.output.orchestratorTasks,
    workerResponses: ["Answer of a.", "Answer of b."],
    finalResult: "The final result.",
  });
  assert.equal(status.output.orchestratorTasks.length, 2);
  assert.deepEqual([status.error, status.run, status.provider, status.warnings], [null, 1, "openai", []]);
  assert.equal(status.prompt, workflow.prompt());
  for (const field of ["queued", "start", "end"])
    assert.match(status[field], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(status.queued <= status.start && status.start <= status.end);
  assert.deepEqual(
    status.steps.map((step) => step.name),
    ["plan", "subtask/a", "subtask/b", "synthesis"],
  );
  const step = stepOf(status, "subtask/b");
  assert.deepEqual([step.type, step.success, step.output, step.error], ["step", true, "Answer of b.", null]);
  assert.deepEqual(step.depends_on, ["subtask/a"]);
  assert.equal(step.attempts.length, 1);
  const [attempt] = step.attempts;
  assert.deepEqual([attempt.success, attempt.error, attempt.model], [true, null, "small-model"]);
  assert.ok(attempt.usage.prompt_tokens > 0 && attempt.usage.completion_tokens > 0);
  assert.equal(status.usage.model_calls, 4);
  assert.equal(status.usage.total_tokens, status.usage.prompt_tokens + status.usage.completion_tokens);
  assert.equal(status.usage.estimated, false);
});

test("?simple=true leaves out steps, prompt and the answers of subtasks", async () => {
  const workflow = emulator.workflow();
  const id = await api.submit(workflow.prompt());
  await api.reach(id, "complete");
  const { status } = (await api.get(`/${id}?simple=true`)).json;
  assert.equal(status.step_count, 5);
  for (const field of ["steps", "prompt"]) assert.ok(!(field in status), field);
  assert.ok(!("workerResponses" in status.output));
  assert.equal(status.output.finalResult, "The final result.");
});

test("GET has an ETag that changes with the workflow, and 304 for who has it", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["t1"])) : undefined));
  const id = await api.submit(workflow.prompt());
  const first = await api.get(`/${id}`);
  const etag = first.headers.get("etag");
  assert.ok(etag);
  const unchanged = await api.get(`/${id}`, { "if-none-match": etag });
  assert.deepEqual([unchanged.status, unchanged.text, unchanged.headers.get("etag")], [304, "", etag]);
  assert.equal((await api.get(`/${id}`, { "if-none-match": `"other", ${etag}` })).status, 304);
  gate.open();
  await api.reach(id, "complete");
  const changed = await api.get(`/${id}`, { "if-none-match": etag });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), etag);
  const simple = await api.get(`/${id}?simple=true`, { "if-none-match": changed.headers.get("etag") });
  assert.equal(simple.status, 200, "the two forms do not share an ETag");
});

test("caches learn where Accept decides between JSON and the console, 304 and problems included", async () => {
  const id = await api.submit(emulator.workflow().prompt());
  await api.reach(id, "complete");
  const etag = (await api.get(`/${id}`)).headers.get("etag");
  const vary = async (path, sent) => {
    const answer = await api.get(path, sent);
    return [answer.status, answer.headers.get("vary")?.toLowerCase()];
  };
  assert.deepEqual(await vary("/"), [200, "accept, origin"]);
  assert.deepEqual(await vary("/", { accept: "text/html" }), [200, "accept, origin"]);
  assert.deepEqual(await vary(`/${id}`), [200, "accept, origin"]);
  assert.deepEqual(await vary(`/${id}`, { accept: "text/html" }), [200, "accept, origin"]);
  assert.deepEqual(await vary(`/${id}`, { "if-none-match": etag }), [304, "accept, origin"]);
  assert.deepEqual(await vary("/nobody"), [404, "accept, origin"]);
  assert.deepEqual(await vary(`/${id}/result`), [200, "accept, origin"], "Markdown, or JSON by a schema");
  for (const path of ["/health", `/${id}/events`]) assert.deepEqual(await vary(path), [200, "origin"], path);
});

test("Prefer: wait holds POST, GET and result until the end", async () => {
  const gates = [makeGate(), makeGate(), makeGate()];
  const [posted, read, resulted] = gates.map((gate) =>
    emulator.workflow((call) => (call.step === "synthesis" ? held(gate, text("Waited for.")) : undefined)),
  );
  const wait = { prefer: "wait=30" };

  const submitting = api.post("/", { prompt: posted.prompt() }, wait);
  await eventually("the synthesis has begun", () => posted.count("synthesis") === 1);
  gates[0].open();
  const submitted = await submitting;
  assert.equal(submitted.status, 200, submitted.text);
  assert.match(submitted.headers.get("preference-applied"), /^wait\b/);
  assert.equal(submitted.json.details.output.finalResult, "Waited for.");

  const id = await api.submit(read.prompt());
  const reading = api.get(`/${id}`, wait);
  await eventually("the synthesis has begun", () => read.count("synthesis") === 1);
  gates[1].open();
  assert.equal((await reading).json.status.status, "complete");

  const other = await api.submit(resulted.prompt());
  const getting = api.get(`/${other}/result`, wait);
  await eventually("the synthesis has begun", () => resulted.count("synthesis") === 1);
  gates[2].open();
  assert.equal((await getting).text, "Waited for.");
});

test("a wait that was too short gives 202 and what there is", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, plan(["t1"])));
  const answer = await api.post("/", { prompt: workflow.prompt() }, { prefer: "wait=1" });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.json.details.output, null);
  assert.equal((await api.get(`/${answer.json.id}`, { prefer: "wait=1" })).status, 200);
  gate.open();
  await api.reach(answer.json.id, "complete");
});

test("with Accept: text/markdown and a wait the answer itself comes back", async () => {
  const workflow = emulator.workflow((call) => (call.step === "synthesis" ? text("# Grüße\n\nAll done.") : undefined));
  const answer = await api.post("/", { prompt: workflow.prompt() }, { prefer: "wait=30", accept: "text/markdown" });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get("content-type"), /^text\/markdown/);
  assert.equal(answer.text, "# Grüße\n\nAll done.");
  assert.match(answer.headers.get("location"), /^\/[\w-]+$/);
});

test("the result is 409 with Retry-After until it is there, then Markdown", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "synthesis" ? held(gate, text("Done.")) : undefined));
  const id = await api.submit(workflow.prompt());
  const early = await api.get(`/${id}/result`);
  assertProblem(early, 409);
  assert.match(early.headers.get("retry-after"), /^\d+$/);
  gate.open();
  await api.reach(id, "complete");
  const result = await api.get(`/${id}/result`);
  assert.deepEqual([result.status, result.text], [200, "Done."]);
  assert.match(result.headers.get("content-type"), /^text\/markdown/);
});

test("an errored workflow says why, and its result is a problem that names it", async () => {
  const workflow = emulator.workflow(() =>
    error(401, { error: { message: "no such key", type: "invalid_request_error" } }),
  );
  const id = await api.submit(workflow.prompt());
  const status = await api.reach(id, "errored");
  assert.ok(status.error.name.length > 0);
  assert.match(status.error.message, /401|no such key/);
  assert.equal(status.output, null);
  const result = await api.get(`/${id}/result`);
  assertProblem(result, 409);
  assert.equal(result.headers.get("retry-after"), null, "nothing to wait for");
});

test("of five submissions of one id at the same time one wins, and one model call is spent", async () => {
  const workflow = emulator.workflow();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => api.post("/", { id: "race", prompt: workflow.prompt() })),
  );
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [202, 409, 409, 409, 409]);
  await api.reach("race", "complete");
  assert.equal(workflow.count("plan"), 1);
});

test("a client that goes away while it waits does not end its workflow", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => (call.step === "plan" ? held(gate, plan(["t1"])) : undefined));
  const abort = new AbortController();
  const body = JSON.stringify({ id: "left", prompt: workflow.prompt() });
  const headers = { "content-type": "application/json", prefer: "wait=30" };
  const waiting = fetch(`${api.url}/`, { method: "POST", signal: abort.signal, headers, body });
  await eventually("the planner is called", () => workflow.count("plan") === 1);
  abort.abort();
  await assert.rejects(waiting);
  gate.open();
  await api.reach("left", "complete");
  assert.equal(workflow.count("plan"), 1, "its call was not aborted");
});

test("a repeated Idempotency-Key gives the first workflow, and with another body 422", async () => {
  const workflow = emulator.workflow();
  const key = { "idempotency-key": "order-17" };
  const [first, second] = await Promise.all([1, 2].map(() => api.post("/", { prompt: workflow.prompt() }, key)));
  assert.deepEqual([first.json.id, first.status], [second.json.id, second.status]);
  await api.reach(first.json.id, "complete");
  assert.equal(workflow.count("plan"), 1);
  const later = await api.post("/", { prompt: workflow.prompt() }, key);
  assert.equal(later.json.details.status, "complete");
  assertProblem(await api.post("/", { prompt: "Another." }, key), 422);
  assertProblem(await api.post("/", { prompt: workflow.prompt(), options: {} }, key), 422);
  assertProblem(await api.post("/", { prompt: "x", id: "mine" }, key), 400);
});

test("a repetition is known by what it says, not by how it is written or asked for", async () => {
  const workflow = emulator.workflow();
  const key = { "idempotency-key": "order-18" };
  const prompt = workflow.prompt("Grüße 🎉");
  const first = await api.post("/", { prompt, options: { max_subtasks: 3, approval: "none" } }, key);
  assert.equal(first.status, 202, first.text);
  await api.reach(first.json.id, "complete");
  const ascii = JSON.stringify(prompt).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const body = `{ "options" : {"approval":"none","max_subtasks":3.0, "token_budget": null},\n "prompt":${ascii} }`;
  for (const headers of [
    { "content-type": "application/json" },
    { "content-type": "text/plain", prefer: "wait=1" },
    { "content-type": "application/json", accept: "text/markdown", prefer: "wait=1, respond-async" },
  ]) {
    const again = await api.post("/workflows", body, { ...key, ...headers });
    assert.ok([200, 202].includes(again.status), again.text);
    assert.equal(again.headers.get("location"), `/workflows/${first.json.id}`);
  }
  assert.equal(workflow.count("plan"), 1);
  const text = emulator.workflow();
  const asText = await api.post("/", text.prompt(), { "idempotency-key": "order-19", "content-type": "text/markdown" });
  const asJson = await api.post("/", { prompt: text.prompt() }, { "idempotency-key": "order-19" });
  assert.equal(asJson.json?.id, asText.json.id, asJson.text);
});

test("GET / tells a program what this is", async () => {
  const { json, status } = await api.get("/", { accept: "application/json" });
  assert.equal(status, 200);
  for (const field of ["name", "version", "environment", "provider", "models", "defaults", "urls"])
    assert.ok(json[field], field);
  assert.deepEqual([json.environment, json.provider], ["development", "openai"]);
  assert.match(JSON.stringify(json.models), /big-model.*small-model/);
});

test("GET /health tells that it is alive", async () => {
  const { json, status } = await api.get("/health");
  assert.equal(status, 200);
  assert.ok(json.version);
  assert.equal(json.provider, "openai");
});

test("HEAD answers like GET without a body", async () => {
  const answer = await api.request("HEAD", "/health");
  assert.deepEqual([answer.status, answer.text], [200, ""]);
});
