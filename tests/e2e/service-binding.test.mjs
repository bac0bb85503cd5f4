// The client in another Worker, which has the orchestrator as a service binding: no request leaves the machine.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { startWorker } from "./harness/miniflare.mjs";
import { eventually } from "./support/eventually.mjs";

const TOKEN = "0123456789abcdef-service-binding";

/** Each path is one thing that such a Worker does with the client. */
const CALLER = `
import { OrchestratorClient, OrchestratorError } from "./client/index.js";

export default {
  async fetch(request, env) {
    const client = new OrchestratorClient({ binding: env.ORCHESTRATOR, token: "${TOKEN}" });
    const { pathname, searchParams } = new URL(request.url);
    const id = searchParams.get("id");
    try {
      return Response.json(await DONE[pathname](client, id, env, searchParams));
    } catch (error) {
      if (!(error instanceof OrchestratorError)) throw error;
      const { status, kind, problem, message } = error;
      return Response.json({ status, kind, detail: problem?.detail, message }, { status: 500 });
    }
  },
};

const DONE = {
  "/describe": (client) => client.describe(),
  "/submit": async (client, id, env, query) => {
    const { headers, ...submitted } = await client.submit({ prompt: query.get("prompt"), metadata: { from: "caller" },
      ...(query.has("approval") ? { options: { approval: "plan" } } : {}) });
    return { ...submitted, location: headers.get("location") };
  },
  async "/stream"(client, id) {
    const types = [];
    let text = [];
    for await (const event of client.events(id, { types: "all" })) {
      types.push(event.type);
      if (event.type === "answer") text = [...text.slice(0, event.from), ...event.text];
    }
    return { types, text: text.join("") };
  },
  // The connection is given up in the middle, and the rest comes by a second one.
  async "/resume"(client, id) {
    const first = [];
    for await (const event of client.events(id)) {
      first.push(event.id);
      if (first.length === 3) break;
    }
    const rest = [];
    for await (const event of client.events(id, { after: first.at(-1) })) if (event.id) rest.push(event.id);
    return { first, rest };
  },
  async "/abort"(client, id) {
    const controller = new AbortController();
    const seen = [];
    try {
      for await (const event of client.events(id, { signal: controller.signal })) {
        seen.push(event.type);
        if (event.type === "workflow_waiting") setTimeout(() => controller.abort(new Error("enough")), 20);
      }
    } catch (error) {
      return { seen, why: error.message };
    }
  },
  "/wait": (client, id) => client.wait(id),
  "/result": (client, id) => client.result(id),
  "/pause": (client, id) => client.pause(id),
  "/resumed": (client, id) => client.resume(id),
  "/approve": (client, id) => client.approve(id, { tasks: ["One", "Two"] }),
  "/terminate": (client, id) => client.terminate(id),
  "/restart": (client, id) => client.restart(id, { from: { name: "synthesis" } }),
  "/status": (client, id) => client.status(id, { fields: ["status", "run"] }),
  "/delete": async (client, id) => (await client.delete(id)) ?? null,
  async "/list"(client) {
    const ids = [];
    for await (const entry of client.list({ metadata: { from: "caller" }, limit: 1 })) ids.push(entry.id);
    return ids;
  },
  "/refused": (client, id, env) => new OrchestratorClient({ binding: env.ORCHESTRATOR, token: "wrong" }).status("x"),
};
`;

const stateDir = await mkdtemp(path.join(tmpdir(), "orchestrator-e2e-"));
const { outputFiles } = await build({
  stdin: { contents: CALLER, resolveDir: inRoot(".") },
  bundle: true,
  format: "esm",
  write: false,
});
const server = await startWorker({
  stateDir,
  vars: { API_TOKENS: `caller:${TOKEN}`, DEMO_SPEED: "0" },
  site: false,
  caller: outputFiles[0].text,
});
after(async () => {
  await server.stop();
  await rm(stateDir, { recursive: true, force: true });
});

const PROMPT = "- Find a venue\n- Draft a schedule";

async function ask(what, query = {}) {
  const response = await fetch(`${server.url}/${what}?${new URLSearchParams(query)}`);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

test("a Worker submits over the binding, streams, and reads the answer", { timeout: 20_000 }, async () => {
  assert.equal((await ask("describe")).name, "orchestrator-workers");
  const { id, details, location } = await ask("submit", { prompt: PROMPT });
  assert.equal(details.provider, "demo");
  assert.equal(location, `/workflows/${id}`);
  const { types, text } = await ask("stream", { id });
  assert.equal(types[0], "workflow_queued");
  assert.equal(types.at(-1), "workflow_completed");
  const status = await ask("wait", { id });
  assert.deepEqual([status.status, status.output.finalResult], ["complete", text]);
  assert.equal(await ask("result", { id }), text);
  const { first, rest } = await ask("resume", { id });
  const numbers = [...first, ...rest].map((event) => Number.parseInt(event, 10));
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
    "each event once",
  );
  assert.equal(numbers.length, types.filter((type) => !["delta", "answer"].includes(type)).length);
});

test("the controls, by name", { timeout: 20_000 }, async () => {
  const { id } = await ask("submit", { prompt: PROMPT, approval: "plan" });
  const { seen, why } = await ask("abort", { id });
  assert.equal(seen.at(-1), "workflow_waiting");
  assert.equal(why, "enough");
  assert.equal((await ask("pause", { id })).status, "paused");
  assert.equal((await ask("resumed", { id })).status, "waiting");
  assert.ok(["running", "complete"].includes((await ask("approve", { id })).status));
  const { status, output, run } = await ask("wait", { id });
  assert.deepEqual([status, output.orchestratorTasks.length, run], ["complete", 2, 1]);
  assert.equal((await ask("restart", { id })).run, 2);
  assert.deepEqual(Object.keys(await ask("status", { id })).sort(), ["run", "status"]);
  await ask("wait", { id });
  await eventually("it is in the list", async () => (await ask("list")).includes(id));
  await ask("delete", { id });
  await eventually("it has left the list", async () => !(await ask("list")).includes(id));
  const other = await ask("submit", { prompt: PROMPT, approval: "plan" });
  assert.equal((await ask("terminate", { id: other.id })).status, "terminated");
});

test("a refusal is an error with its problem document", { timeout: 20_000 }, async () => {
  const about = async (what, query) => (await fetch(`${server.url}/${what}?${new URLSearchParams(query)}`)).json();
  const missing = await about("status", { id: "nowhere" });
  assert.deepEqual([missing.status, missing.kind], [404, "not-found"]);
  assert.match(missing.message, /^Not found: there is no workflow/);
  assert.deepEqual(Object.values(await about("refused")).slice(0, 2), [401, "invalid-token"]);
  const { id } = await ask("submit", { prompt: PROMPT, approval: "plan" });
  const early = await about("result", { id });
  assert.deepEqual([early.status, early.kind], [409, "result-not-ready"]);
});
