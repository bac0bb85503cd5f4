// The Model Context Protocol at /mcp, byte by byte: what is refused and how, what the tools give back. Real clients are
// in mcp-clients.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { error, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { makeModern, makeTools, meta, mirrored, post } from "./mcp/rpc.mjs";
import { describedFetch } from "./support/described.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKEN = "alice-0123456789abcdef0123";
const OTHER = "bob-0123456789abcdef012345";
const worker = await startWithOpenai({
  token: TOKEN,
  vars: { API_TOKENS: `alice:${TOKEN},bob:${OTHER}`, ALLOWED_ORIGINS: "https://app.example" },
});
const { api, emulator, url } = worker;
const authorization = { authorization: `Bearer ${TOKEN}` };
const request = makeModern(url, authorization);
const tool = makeTools(request);
const { json: listed } = await request("tools/list");
const ajv = new Ajv({ strict: false });

/** A result of a tool that fits its output schema. */
async function fitting(name, args) {
  const result = await tool(name, args);
  assert.equal(result.isError, undefined, JSON.stringify(result.content));
  const { outputSchema } = listed.result.tools.find((each) => each.name === name);
  assert.ok(ajv.validate(outputSchema, result.structuredContent), ajv.errorsText());
  return result.structuredContent;
}

/** The words of a result that is an error. */
async function refused(name, args) {
  const result = await tool(name, args);
  assert.equal(result.isError, true, JSON.stringify(result));
  assert.equal(result.structuredContent, undefined);
  return result.content[0].text;
}

/** A workflow that the big model answers in one call, with this text. */
async function answered(content, options = {}) {
  const workflow = emulator.workflow(() => text(content, { pieces: [content] }));
  const id = await api.submit({ prompt: workflow.prompt("Say it."), options: { mode: "direct", ...options } });
  await api.reach(id, "complete");
  return id;
}

test("server/discover says what there is, and who answers", async () => {
  const { status, json } = await request("server/discover");
  assert.equal(status, 200);
  const { resultType, supportedVersions, capabilities, instructions, ttlMs, cacheScope, _meta } = json.result;
  assert.deepEqual({ resultType, supportedVersions }, { resultType: "complete", supportedVersions: ["2026-07-28"] });
  const extensions = { "io.modelcontextprotocol/tasks": {} };
  assert.deepEqual(capabilities, { tools: {}, resources: {}, prompts: {}, extensions });
  assert.match(instructions, /start_workflow/);
  assert.deepEqual([ttlMs > 0, cacheScope], [true, "public"]);
  assert.equal(_meta["io.modelcontextprotocol/serverInfo"].name, "orchestrator-workers");
});

test("tools have schemas, annotations and words", () => {
  const { tools } = listed.result;
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["start_workflow", "get_workflow", "list_workflows", "approve_plan", "terminate_workflow", "follow_up"],
  );
  for (const { description, title, inputSchema, outputSchema, annotations } of tools) {
    assert.ok(description.length > 50 && title);
    for (const schema of [inputSchema, outputSchema]) {
      assert.equal(schema.type, "object");
      ajv.compile(schema);
    }
    assert.equal(typeof annotations.readOnlyHint, "boolean");
  }
});

test("what is not one message of JSON-RPC is refused with 400 and says why", async () => {
  for (const [body, code, pattern] of [
    ["{", -32700, /not JSON/],
    ["", -32700, /not JSON/],
    [new Uint8Array([0x22, 0xff, 0x22]), -32700, /UTF-8/],
    ["[]", -32600, /batch/],
    [[{ jsonrpc: "2.0", id: 1, method: "ping" }], -32600, /batch/],
    ["null", -32600, /object/],
    ['"ping"', -32600, /object/],
    [{ id: 1, method: "ping" }, -32600, /jsonrpc/],
    [{ jsonrpc: "2.0", id: 1 }, -32600, /method/],
    [{ jsonrpc: "2.0", id: 1, method: 7 }, -32600, /method/],
    [{ jsonrpc: "2.0", id: null, method: "ping" }, -32600, /id/],
    [{ jsonrpc: "2.0", id: 1.5, method: "ping" }, -32600, /id/],
    [{ jsonrpc: "2.0", id: {}, method: "ping" }, -32600, /id/],
    [{ jsonrpc: "2.0", id: 1, result: {} }, -32600, /responses/],
    [{ jsonrpc: "2.0", id: 1, method: "ping", params: [] }, -32602, /params/],
  ]) {
    const { status, json } = await post(url, body, authorization);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(json.error.code, code, JSON.stringify(json));
    assert.match(json.error.message, pattern);
    const { id } = typeof body === "object" && !Array.isArray(body) ? body : {};
    assert.equal(json.id, Number.isInteger(id) ? id : undefined);
  }
});

test("bodies that are too large, encoded or of another type are refused", async () => {
  const message = { jsonrpc: "2.0", id: 1, method: "ping", params: { padding: "x".repeat(1024 * 1024) } };
  const large = await post(url, message, authorization);
  assert.deepEqual([large.status, large.json.error.code], [413, -32600]);
  const plain = await post(url, "{}", { ...authorization, "content-type": "text/plain" });
  assert.equal(plain.status, 415);
  const zipped = await post(url, "{}", { ...authorization, "content-encoding": "gzip" });
  assert.equal(zipped.status, 415);
});

test("only POST: there is no stream to GET and no session to DELETE", async () => {
  for (const method of ["GET", "DELETE", "PUT"]) {
    const response = await describedFetch(`${url}/mcp`, {
      method,
      headers: { ...authorization, "mcp-session-id": "x" },
    });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "POST");
    assert.match((await response.json()).error.message, /POST/);
  }
});

test("who has no token of ours is told so, in JSON-RPC", async () => {
  for (const [headers, pattern] of [
    [{}, /Authorization: Bearer/],
    [{ authorization: "Bearer nobody-0123456789abcdef0" }, /not one of API_TOKENS/],
  ]) {
    const { status, json, headers: answer } = await post(url, { jsonrpc: "2.0", id: 1, method: "ping" }, headers);
    assert.deepEqual([status, json.error.code, json.id], [401, 401, 1]);
    assert.match(json.error.message, pattern);
    assert.match(answer.get("www-authenticate"), /^Bearer/);
  }
});

test("pages of other origins are refused with 403, those that are allowed may ask and read", async () => {
  const message = { jsonrpc: "2.0", id: 1, method: "ping" };
  const evil = await post(url, message, { ...authorization, origin: "https://evil.example" });
  assert.deepEqual([evil.status, evil.json.error.code, evil.json.id], [403, 403, 1]);
  const friend = await post(url, message, { ...authorization, origin: "https://app.example" });
  assert.equal(friend.status, 200);
  assert.equal(friend.headers.get("access-control-allow-origin"), "https://app.example");
  const preflight = await describedFetch(`${url}/mcp`, {
    method: "OPTIONS",
    headers: { origin: "https://app.example", "access-control-request-method": "POST" },
  });
  const allowed = preflight.headers.get("access-control-allow-headers");
  for (const name of ["authorization", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name"])
    assert.ok(allowed.includes(name), `${name} in ${allowed}`);
});

test("notifications are accepted and have no answer", async () => {
  for (const method of ["notifications/initialized", "notifications/cancelled", "notifications/whatever"]) {
    const { status, text: body } = await post(url, { jsonrpc: "2.0", method, params: {} }, authorization);
    assert.deepEqual([status, body], [202, ""]);
  }
});

test("headers have to say what the body says", async () => {
  const message = { jsonrpc: "2.0", id: 5, method: "tools/call", params: { name: "list_workflows", _meta: meta() } };
  const right = mirrored(message);
  assert.equal((await post(url, message, { ...authorization, ...right })).status, 200);
  const wrapped = `=?base64?${Buffer.from("list_workflows").toString("base64")}?=`;
  assert.equal((await post(url, message, { ...authorization, ...right, "mcp-name": wrapped })).status, 200);
  for (const headers of [
    { ...right, "mcp-method": "tools/list" },
    { ...right, "mcp-method": "TOOLS/CALL" },
    { ...right, "mcp-name": "get_workflow" },
    { ...right, "mcp-name": "=?base64?###?=" },
    { ...right, "mcp-name": "=?base64?/w==?=" },
    { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call" },
    { "mcp-protocol-version": "2026-07-28", "mcp-name": "list_workflows" },
    { "mcp-method": "tools/call", "mcp-name": "list_workflows" },
    { ...right, "mcp-protocol-version": "2025-11-25" },
  ]) {
    const { status, json } = await post(url, message, { ...authorization, ...headers });
    assert.deepEqual([status, json.error?.code, json.id], [400, -32020, 5], JSON.stringify(headers));
  }
});

test("revisions and methods that are not spoken here", async () => {
  const versioned = (version, header = version) =>
    post(
      url,
      {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/list",
        params: { _meta: meta({ "io.modelcontextprotocol/protocolVersion": version }) },
      },
      { ...authorization, "mcp-method": "tools/list", "mcp-protocol-version": header },
    );
  const future = await versioned("2027-01-01");
  assert.deepEqual([future.status, future.json.error.code], [400, -32022]);
  assert.deepEqual(future.json.error.data, { supported: ["2026-07-28"], requested: "2027-01-01" });
  const early = await post(
    url,
    { jsonrpc: "2.0", id: 1, method: "tools/list" },
    { ...authorization, "mcp-protocol-version": "2024-11-05" },
  );
  assert.deepEqual([early.status, early.json.error.code], [400, -32022]);
  for (const method of ["initialize", "ping", "logging/setLevel", "constructor", "tools/nothing"]) {
    const { status, json } = await request(method);
    assert.deepEqual([status, json.error.code], [404, -32601], method);
  }
  const bare = { jsonrpc: "2.0", id: 1, method: "server/discover", params: {} };
  const missing = await post(url, bare, { ...authorization, ...mirrored(bare) });
  assert.deepEqual([missing.status, missing.json.error.code], [400, -32602]);
});

test("older clients begin with initialize, and need no session", async () => {
  const legacy = (method, params, headers = {}) =>
    post(url, { jsonrpc: "2.0", id: "a", method, params }, { ...authorization, ...headers });
  for (const [asked, given] of [
    ["2025-11-25", "2025-11-25"],
    ["2025-06-18", "2025-06-18"],
    ["2024-11-05", "2025-11-25"],
    [undefined, "2025-11-25"],
  ]) {
    const { status, json, headers } = await legacy("initialize", { protocolVersion: asked, capabilities: {} });
    assert.deepEqual([status, json.result.protocolVersion, json.id], [200, given, "a"]);
    assert.equal(json.result.serverInfo.name, "orchestrator-workers");
    assert.equal(headers.get("mcp-session-id"), null);
  }
  for (const version of [{}, { "mcp-protocol-version": "2025-06-18" }, { "mcp-protocol-version": "2025-11-25" }]) {
    assert.deepEqual((await legacy("ping", undefined, version)).json.result, {});
    const { json } = await legacy("tools/list", {}, version);
    assert.deepEqual(Object.keys(json.result), ["tools"]);
  }
  // 404 would say that a session has ended.
  const { status, json } = await legacy("server/discover", {});
  assert.deepEqual([status, json.error.code], [200, -32601]);
  const unread = await legacy("resources/read", { uri: "orchestrator://workflows/nobody/answer" });
  assert.equal(unread.json.error.code, -32002);
});

test("wrong calls of tools: the protocol's errors, and those that a model can mend", async () => {
  for (const [params, pattern] of [
    [{ name: "start" }, /Unknown tool: "start"\. There are: start_workflow/],
    [{ name: 3 }, /name of the tool/],
    [{}, /name of the tool/],
    [{ name: "get_workflow", arguments: [] }, /arguments must be an object/],
    [{ name: "get_workflow", arguments: "x" }, /arguments must be an object/],
  ]) {
    const { json } = await request("tools/call", params);
    assert.equal(json.error?.code, -32602, JSON.stringify(json));
    assert.match(json.error.message, pattern);
  }
  for (const [name, args, pattern] of [
    ["start_workflow", {}, /argument prompt is missing/],
    ["start_workflow", { prompt: null }, /argument prompt is missing/],
    ["start_workflow", { prompt: 7 }, /prompt is 7: expected a text/],
    ["start_workflow", { prompt: "  " }, /not empty/],
    ["start_workflow", { prompt: "x", promt: "y" }, /no argument promt: there are prompt, /],
    ["start_workflow", { prompt: "x", mode: "fast" }, /mode is "fast": expected one of "auto", "direct", "split"/],
    ["start_workflow", { prompt: "x", length: "full", max_words: 300 }, /length or max_words/],
    ["start_workflow", { prompt: "x", tasks: [{ id: "a" }] }, /tasks\[0\]\.instructions is missing/],
    ["start_workflow", { prompt: "x", tasks: ["a"] }, /tasks\[0\] is "a": expected an object/],
    ["start_workflow", { prompt: "x", output_schema: { type: "nothing" } }, /output_schema/],
    ["start_workflow", { prompt: "x".repeat(130 * 1024) }, /prompt/],
    ["get_workflow", { id: "x", wait_seconds: 46 }, /from 0 to 45/],
    ["get_workflow", { id: "x", max_chars: "8000" }, /max_chars is "8000": expected a whole number/],
    ["get_workflow", { id: "nobody", wait_seconds: 0 }, /nobody.*list_workflows/s],
    ["get_workflow", { id: "no such id!", wait_seconds: 0 }, /\S/],
    ["get_workflow", { id: "..", wait_seconds: 0 }, /\S/],
    ["list_workflows", { status: ["finished"] }, /status\[0\] is "finished"/],
    ["list_workflows", { cursor: "nonsense" }, /cursor/],
    ["approve_plan", { id: "nobody" }, /nobody/],
    ["terminate_workflow", { id: "nobody" }, /nobody/],
    ["follow_up", { id: "nobody", prompt: "More." }, /nobody/],
  ])
    assert.match(await refused(name, args), pattern, name);
});

test("start, status, answer", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t2" ? held(gate, text("Answer of t2.")) : undefined;
  });
  const started = await fitting("start_workflow", { prompt: workflow.prompt(), instructions: "Be kind.", mode: null });
  assert.equal(started.done, false);
  assert.match(started.next, /get_workflow/);
  await eventually("t1 is done", async () => {
    const { steps } = await fitting("get_workflow", { id: started.id, wait_seconds: 0 });
    return steps.some(({ name, state }) => name === "subtask/t1" && state === "complete");
  });
  const part = await fitting("get_workflow", { id: started.id, wait_seconds: 0, part: "t1" });
  assert.deepEqual([part.answer.text, part.answer.part, part.done], ["Answer of t1.", "subtask/t1", false]);
  const early = await refused("get_workflow", { id: started.id, wait_seconds: 0, part: "t9" });
  assert.match(early, /no step "t9"\. There are: answer, plan, subtask\/t1/);
  setTimeout(gate.open, 300);
  const ended = await fitting("get_workflow", { id: started.id, wait_seconds: 30 });
  assert.deepEqual([ended.status, ended.done, ended.answer.whole, ended.error], ["complete", true, true, null]);
  assert.equal(ended.answer.text, (await api.status(started.id)).output.finalResult);
  const { counts } = await eventually("the list has it", async () => {
    const list = await fitting("list_workflows", { status: ["complete"], limit: 5 });
    return list.workflows.some(({ id }) => id === started.id) && list;
  });
  assert.ok(counts.complete >= 1, JSON.stringify(counts));
  // Of somebody else it is none.
  const stranger = makeTools(makeModern(url, { authorization: `Bearer ${OTHER}` }));
  assert.equal((await stranger("get_workflow", { id: started.id, wait_seconds: 0 })).isError, true);
});

test("the same key gives the same workflow, and another prompt under it is refused", async () => {
  const workflow = emulator.workflow();
  const args = { prompt: workflow.prompt(), idempotency_key: "once" };
  const [first, second] = [await fitting("start_workflow", args), await fitting("start_workflow", args)];
  assert.equal(first.id, second.id);
  // How it is shown is no matter of the run.
  const third = await fitting("start_workflow", { ...args, max_chars: 3_000, wait_seconds: 1 });
  assert.equal(third.id, first.id);
  // Half a character, as an agent cuts a text, and a slash, as one writes an address.
  const cut = await fitting("start_workflow", { prompt: `${emulator.workflow().prompt()} \ud83d` });
  await api.reach(cut.id, "complete");
  const slashed = await fetch(`${url}/mcp/`, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.equal(slashed.status, 405);
  assert.match(await refused("start_workflow", { ...args, prompt: `${args.prompt} more` }), /key/i);
  await api.reach(first.id, "complete");
});

test("a plan waits, is shown, changed and approved", async () => {
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : undefined));
  const prompt = workflow.prompt();
  const waits = await fitting("start_workflow", { prompt, approval: "plan", wait_seconds: 20 });
  assert.equal(waits.status, "waiting");
  assert.match(waits.next, /approve_plan/);
  assert.deepEqual(
    waits.plan.tasks.map(({ id }) => id),
    ["t1", "t2"],
  );
  const tasks = [{ id: "only", instructions: "Do it all. (task-marker only)" }];
  assert.match(
    await refused("approve_plan", { id: waits.id, tasks: [{ instructions: "x", depends_on: ["none"] }] }),
    /none/,
  );
  await fitting("approve_plan", { id: waits.id, tasks });
  const ended = await fitting("get_workflow", { id: waits.id });
  assert.equal(ended.status, "complete");
  assert.equal((await fitting("get_workflow", { id: waits.id, part: "only" })).answer.text, "Answer of only.");
});

test("a workflow is ended, once and again", async () => {
  const workflow = emulator.workflow(() => ({ kind: "hang" }));
  const { id } = await fitting("start_workflow", { prompt: workflow.prompt() });
  for (let round = 0; round < 2; round++)
    assert.equal((await fitting("terminate_workflow", { id })).status, "terminated");
  const { next, answer, done } = await fitting("get_workflow", { id });
  assert.deepEqual([answer, done], [null, true]);
  assert.match(next, /ended/);
  assert.match(await refused("approve_plan", { id }), /terminated/);
  assert.match(await refused("follow_up", { id, prompt: "More." }), /terminated|complete/);
});

test("a follow-up knows what was said before", async () => {
  const id = await answered("The first answer.");
  const workflow = emulator.workflow(() => text("The second answer."));
  const next = await fitting("follow_up", {
    id,
    prompt: workflow.prompt("Shorter."),
    mode: "direct",
    wait_seconds: 30,
  });
  assert.equal(next.answer.text, "The second answer.");
  assert.notEqual(next.id, id);
  const said = workflow
    .calls("synthesis")
    .at(-1)
    .messages.map(({ content }) => content);
  assert.ok(said.some((content) => content.includes("The first answer.")));
  const { workflows } = await eventually("the list knows it", async () => {
    const page = await fitting("list_workflows", { parent: id });
    return page.workflows.length > 0 && page;
  });
  assert.deepEqual(
    workflows.map((each) => each.id),
    [next.id],
  );
});

test("an answer as JSON comes beside the text", async () => {
  const workflow = emulator.workflow((call) => text(call.step === "structure" ? '{"rivers": 3}' : "Three rivers."));
  const ended = await fitting("start_workflow", {
    prompt: workflow.prompt("Name them."),
    mode: "direct",
    output_schema: { type: "object", properties: { rivers: { type: "integer" } } },
    wait_seconds: 30,
  });
  assert.deepEqual(ended.structured, { rivers: 3 });
  const { json } = await request("resources/read", { uri: ended.structured_uri });
  assert.deepEqual(JSON.parse(json.result.contents[0].text), { rivers: 3 });
});

const SECTION = 'Grüße 🎉 aus dem Text: "so" steht es \\ da.\n'.repeat(40);
const LONG = Array.from({ length: 12 }, (_, n) => `## Section ${n}\n\n${SECTION}`).join("\n");

test("a long answer comes in 8,000 characters, with its outline, and its ranges give the whole", async () => {
  const id = await answered(LONG);
  const { finalResult } = (await api.status(id)).output;
  const total = [...finalResult].length;
  const result = await tool("get_workflow", { id });
  for (const size of [JSON.stringify(result.content).length, JSON.stringify(result.structuredContent).length])
    assert.ok(size <= 9_500, `${size} characters`);
  assert.ok(result.content[0].text.length + JSON.stringify(result.content.slice(1)).length <= 8_000);
  assert.ok(JSON.stringify(result.structuredContent).length <= 8_000);
  const { answer, next } = result.structuredContent;
  assert.deepEqual([answer.whole, answer.start, answer.total], [false, 0, total]);
  assert.ok(answer.end > 3_000, `${answer.end} characters of the answer`);
  assert.match(next, new RegExp(`start ${answer.end}`));
  assert.ok(result.content[0].text.includes(answer.text));
  // The outline's ranges are those of the sections.
  assert.equal(answer.outline.length, 12);
  const { title, start, end } = answer.outline[7];
  const section = await fitting("get_workflow", { id, start, max_chars: 8_000 });
  assert.equal(title, "Section 7");
  assert.ok(section.answer.text.startsWith("## Section 7\n"));
  assert.equal([...finalResult].slice(start, end).join("").trimEnd(), `## Section 7\n\n${SECTION}`.trimEnd());
  // By the tool, range after range.
  let whole = "";
  for (let at = 0, rounds = 0; at < total; rounds++) {
    assert.ok(rounds < 20);
    const { answer: piece } = await fitting("get_workflow", { id, start: at });
    assert.equal(piece.start, at);
    assert.equal([...piece.text].length, piece.end - piece.start);
    whole += piece.text;
    at = piece.end;
  }
  assert.equal(whole, finalResult);
  // By the resource, with the links that came.
  const links = result.content.filter(({ type }) => type === "resource_link").map(({ uri }) => uri);
  assert.deepEqual(links, [answer.uri, `${answer.uri}?start=${answer.end}`]);
  const read = async (uri) => (await request("resources/read", { uri })).json.result.contents[0].text;
  assert.equal(await read(links[0]), finalResult);
  assert.equal(answer.text + (await read(links[1])), finalResult);
  assert.equal(await read(`${answer.uri}?start=10&end=20`), [...finalResult].slice(10, 20).join(""));
  // And whole, where that is asked for.
  const all = await fitting("get_workflow", { id, max_chars: 100_000 });
  assert.deepEqual([all.answer.whole, all.answer.text], [true, finalResult]);
  assert.match(await refused("get_workflow", { id, start: total + 1 }), /characters/);
});

test("a plan of many long subtasks still fits", async () => {
  const tasks = Array.from({ length: 40 }, (_, n) => ({ id: `t${n}`, instructions: "Write at length. ".repeat(60) }));
  const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(tasks) : undefined));
  const result = await tool("start_workflow", {
    prompt: workflow.prompt(),
    approval: "plan",
    max_subtasks: 50,
    wait_seconds: 20,
  });
  const { status, plan: shown } = result.structuredContent;
  assert.equal(status, "waiting", JSON.stringify(result.structuredContent));
  assert.deepEqual([shown.tasks_in_all, shown.tasks.length > 5], [40, true]);
  assert.ok(JSON.stringify(result.structuredContent).length <= 8_000);
  assert.ok(result.content[0].text.length <= 8_000);
  await tool("terminate_workflow", { id: result.structuredContent.id });
});

test("resources: answers are listed in pages, and wrong uris say what is wrong", async () => {
  const id = await answered("Short.");
  const resources = await eventually("the answer is listed", async () => {
    const { json } = await request("resources/list");
    return json.result.resources.some(({ uri }) => uri.includes(id)) && json.result;
  });
  assert.deepEqual([resources.cacheScope, resources.ttlMs], ["private", 0]);
  const { json: templates } = await request("resources/templates/list");
  assert.equal(templates.result.resourceTemplates.length, 3);
  const at = (path) => `orchestrator://workflows/${path}`;
  for (const uri of [
    at("nobody/answer"),
    at(`${id}/nothing`),
    at(`${id}/structured`),
    at(`${id}/subtasks/t9`),
    at(`${id}/answer?start=x`),
    at(`${id}/answer?from=1`),
    at(`${id}/answer?start=9999`),
    at(`${id}/answer?start=3&end=2`),
    at("%ff/answer"),
    "file:///etc/passwd",
    at("../x/answer"),
  ]) {
    const { json } = await request("resources/read", { uri });
    assert.equal(json.error?.code, -32602, `${uri}: ${JSON.stringify(json)}`);
    assert.ok(json.error.message.length > 10);
  }
  const { json } = await request("resources/list", { cursor: "nonsense" });
  assert.equal(json.error.code, -32602);
});

test("a prompt for the client's menu", async () => {
  const { json } = await request("prompts/get", { name: "long_answer", arguments: { request: "a report" } });
  assert.match(json.result.messages[0].content.text, /start_workflow.*a report/s);
  assert.equal((await request("prompts/get", { name: "none" })).json.error.code, -32602);
});

test("progress comes as notifications where a token is given, and the answer after them", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t2" ? held(gate, text("Answer of t2.")) : undefined;
  });
  const { id } = await fitting("start_workflow", { prompt: workflow.prompt() });
  await eventually("t2 is called", () => workflow.count("subtask", "t2") === 1);
  const asked = request("tools/call", { name: "get_workflow", arguments: { id } }, { meta: { progressToken: "tok" } });
  setTimeout(gate.open, 700);
  const { headers, text: body } = await asked;
  assert.match(headers.get("content-type"), /^text\/event-stream/);
  const messages = [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data));
  const result = messages.pop().result;
  assert.equal(result.structuredContent.status, "complete");
  assert.equal(result.resultType, "complete");
  const notes = messages.map(({ method, params }) => {
    assert.equal(method, "notifications/progress");
    assert.equal(params.progressToken, "tok");
    return params;
  });
  assert.ok(notes.every(({ progress }, index) => index === 0 || progress > notes[index - 1].progress));
  assert.ok(
    notes.some(({ message }) => /t2.*done \(2 of 2 subtasks\)/.test(message)),
    JSON.stringify(notes),
  );
  const wrong = await request(
    "tools/call",
    { name: "get_workflow", arguments: { id } },
    { meta: { progressToken: {} } },
  );
  assert.equal(wrong.json.error.code, -32602);
});

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const TASKS = { extensions: { "io.modelcontextprotocol/tasks": {} } };

/** The result of a request by a client that has the extension for tasks. */
async function asTask(method, params, capabilities = TASKS) {
  const headers = params.taskId === undefined ? {} : { "mcp-name": params.taskId };
  const { json } = await request(method, params, { with: headers, meta: { [CAPABILITIES]: capabilities } });
  return json.result ?? json.error;
}
const task = (name, id, more = {}) => asTask(`tasks/${name}`, { taskId: id, ...more });

test("to a client with the extension for tasks a workflow is a task", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow(() => held(gate, text("All of it.")));
  const args = { prompt: workflow.prompt(), mode: "direct", max_chars: 20_000 };
  const created = await asTask("tools/call", { name: "start_workflow", arguments: args });
  const { resultType, taskId, status, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = created;
  assert.deepEqual([resultType, status, ttlMs], ["task", "working", null]);
  assert.ok(Date.parse(createdAt) <= Date.parse(lastUpdatedAt) && pollIntervalMs > 0);
  assert.deepEqual([created.result, created.content], [undefined, undefined]);
  const working = await task("get", taskId);
  assert.deepEqual([working.resultType, working.status, working.result], ["complete", "working", undefined]);
  gate.open();
  await api.reach(taskId, "complete");
  const { status: ended, result, ttlMs: life } = await task("get", taskId);
  assert.ok(Number.isInteger(life) && life > 60_000, `${life}`);
  assert.deepEqual([ended, result.structuredContent.answer.text], ["completed", "All of it."]);
  // What has ended is no task any more, and other tools are as they were.
  const again = await asTask("tools/call", { name: "get_workflow", arguments: { id: taskId } });
  assert.equal(again.resultType, "complete");
  const wrong = await asTask("tools/call", { name: "start_workflow", arguments: {} });
  assert.deepEqual([wrong.resultType, wrong.isError], ["complete", true]);
});

test("a task that fails is completed with an error, one that is cancelled is cancelled", async () => {
  const failing = emulator.workflow(() => error(400, { error: { message: "No.", type: "invalid_request_error" } }));
  const args = { prompt: failing.prompt(), mode: "direct" };
  const { taskId } = await asTask("tools/call", { name: "start_workflow", arguments: args });
  await api.reach(taskId, "errored");
  const failed = await task("get", taskId);
  assert.deepEqual([failed.status, failed.result.isError], ["completed", true]);
  assert.match(failed.result.content[0].text, /Error/);
  const endless = emulator.workflow(() => ({ kind: "hang" }));
  const begun = await asTask("tools/call", { name: "start_workflow", arguments: { prompt: endless.prompt() } });
  for (let round = 0; round < 2; round++) assert.equal((await task("cancel", begun.taskId)).resultType, "complete");
  assert.equal((await task("get", begun.taskId)).status, "cancelled");
  // It has ended already, which is acknowledged too.
  assert.equal((await task("cancel", taskId)).resultType, "complete");
});

test("a task asks for the approval of its plan, of a client that can ask its user", async () => {
  const capabilities = { ...TASKS, elicitation: {} };
  const ask = (name, taskId, more = {}) => asTask(`tasks/${name}`, { taskId, ...more }, capabilities);
  const start = async () => {
    const workflow = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : undefined));
    const args = { prompt: workflow.prompt(), approval: "plan" };
    const { taskId } = await asTask("tools/call", { name: "start_workflow", arguments: args }, capabilities);
    await api.reach(taskId, "waiting");
    return taskId;
  };
  const id = await start();
  const waits = await ask("get", id);
  assert.equal(waits.status, "input_required");
  const [[key, { method, params }]] = Object.entries(waits.inputRequests);
  assert.equal(method, "elicitation/create");
  assert.match(params.message, /Title of t1/);
  // Without elicitation nobody can be asked, and the words say what to do.
  const mute = await task("get", id);
  assert.deepEqual([mute.status, mute.inputRequests], ["working", undefined]);
  assert.match(mute.statusMessage, /approve_plan/);
  for (const inputResponses of [{ other: { action: "accept" } }, { [key]: { action: "cancel" } }]) {
    assert.equal((await ask("update", id, { inputResponses })).resultType, "complete");
    assert.equal((await ask("get", id)).status, "input_required");
  }
  const yes = { [key]: { action: "accept", content: { approve: true } } };
  for (let round = 0; round < 2; round++) await ask("update", id, { inputResponses: yes });
  await api.reach(id, "complete");
  const other = await start();
  await ask("update", other, { inputResponses: { [key]: { action: "decline" } } });
  assert.equal((await ask("get", other)).status, "cancelled");
});

test("wrong requests about tasks", async () => {
  for (const name of ["get", "update", "cancel"]) {
    const none = await task(name, "nobody", { inputResponses: {} });
    assert.equal(none.code, -32602, JSON.stringify(none));
    assert.equal((await task(name, "../x", { inputResponses: {} })).code, -32602);
    const undeclared = await asTask(`tasks/${name}`, { taskId: "x" }, {});
    assert.equal(undeclared.code, -32021);
    assert.deepEqual(undeclared.data.requiredCapabilities, TASKS);
  }
  assert.equal((await task("update", "nobody")).code, -32602);
  const { json } = await request(
    "tasks/get",
    { taskId: "a" },
    { with: { "mcp-name": "b" }, meta: { [CAPABILITIES]: TASKS } },
  );
  assert.equal(json.error.code, -32020);
});

test("a call that its client leaves ends, and the workflow goes on", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) =>
    call.step === "plan" ? plan(["t1"]) : call.step === "subtask" ? held(gate, text("Late.")) : undefined,
  );
  const { id } = await fitting("start_workflow", { prompt: workflow.prompt() });
  const message = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "get_workflow", arguments: { id }, _meta: meta({ progressToken: 1 }) },
  };
  const leaving = new AbortController();
  const response = await describedFetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      ...authorization,
      ...mirrored(message),
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
    },
    body: JSON.stringify(message),
    signal: leaving.signal,
  });
  await response.body.getReader().read();
  leaving.abort();
  gate.open();
  await api.reach(id, "complete");
});
