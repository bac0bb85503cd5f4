// MCP clients of others against /mcp, and through the stdio bridge: both generations of the TypeScript SDK, and an
// older release of the first. Python's is in mcp-python.test.mjs.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { mcpClients } from "../../scripts/setup/mcp-clients.mjs";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { eventually } from "./support/eventually.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKEN = "alice-0123456789abcdef0123";
const BRIDGE = fileURLToPath(new URL("../../scripts/mcp.mjs", import.meta.url));
const CLIENT = { name: "test", version: "1.0.0" };
const LONG = Array.from({ length: 30 }, (_, n) => `## Section ${n} 🎉\n\n${"Words and words. ".repeat(30)}\n`).join(
  "\n",
);

const require = createRequire(path.join(await mcpClients(), "package.json"));
const worker = await startWithOpenai({ token: TOKEN, vars: { API_TOKENS: `alice:${TOKEN}` } });
const { api, emulator, url } = worker;
const open = [];
after(() => Promise.allSettled(open.map((client) => client.close())));

/** A client of the first generation of the SDK: `call` and `read` as those of the second have them. */
async function first(sdk, transport) {
  const { Client } = require(`${sdk}/client/index.js`);
  const client = new Client(CLIENT, { capabilities: {} });
  await client.connect(transport);
  return {
    version: () => transport.protocolVersion,
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
    list: () => client.listTools(),
    read: (uri) => client.readResource({ uri }),
    client,
  };
}

async function second(transport) {
  const { Client } = require("@modelcontextprotocol/client");
  const client = new Client(CLIENT, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  return {
    version: () => client.getNegotiatedProtocolVersion(),
    call: (name, args, options) => client.callTool({ name, arguments: args }, options),
    list: () => client.listTools(),
    read: (uri) => client.readResource({ uri }),
    client,
  };
}

const withToken = (token) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });
const byHttp = (sdk, token) => {
  const { StreamableHTTPClientTransport } = require(
    sdk === "@modelcontextprotocol/client" ? sdk : `${sdk}/client/streamableHttp.js`,
  );
  return new StreamableHTTPClientTransport(new URL(`${url}/mcp`), withToken(token));
};
const byBridge = (sdk, token) => {
  const { StdioClientTransport } = require(
    sdk === "@modelcontextprotocol/client" ? `${sdk}/stdio` : `${sdk}/client/stdio.js`,
  );
  const env = { PATH: process.env.PATH, ORCHESTRATOR_TOKEN: token };
  return new StdioClientTransport({ command: process.execPath, args: [BRIDGE, "--url", url], env, stderr: "ignore" });
};

const SECOND = "@modelcontextprotocol/client";
const FIRST = "@modelcontextprotocol/sdk";
const OLDER = "sdk-of-2025-06-18";
const connect = async (sdk, by, token = TOKEN) => {
  const connected = await (sdk === SECOND ? second(by(sdk, token)) : first(sdk, by(sdk, token)));
  open.push(connected.client);
  return connected;
};

for (const [name, sdk, by, version] of [
  ["the TypeScript SDK 2", SECOND, byHttp, "2026-07-28"],
  ["the TypeScript SDK 2 by the bridge", SECOND, byBridge, "2026-07-28"],
  ["the TypeScript SDK 1", FIRST, byHttp, "2025-11-25"],
  ["the TypeScript SDK 1 by the bridge", FIRST, byBridge],
  ["an older release of the TypeScript SDK 1", OLDER, byHttp, "2025-06-18"],
])
  test(`${name}: start, progress, answer, ranges, approval, follow-up, end, error`, { timeout: 60_000 }, async () => {
    const { version: negotiated, list, call, read, client } = await connect(sdk, by);
    if (version) assert.equal(negotiated(), version);
    const { tools } = await list();
    assert.equal(tools.length, 6);

    const gate = makeGate();
    const one = emulator.workflow((asked) => {
      if (asked.step === "plan") return plan(["t1", "t2"]);
      return asked.task === "t2" ? held(gate, text("Answer of t2.")) : undefined;
    });
    const waits = await call("start_workflow", { prompt: one.prompt(), approval: "plan", wait_seconds: 20 });
    assert.equal(waits.structuredContent.status, "waiting", JSON.stringify(waits));
    const { id } = waits.structuredContent;
    await call("approve_plan", { id });
    const told = [];
    await eventually("t2 is called", () => one.count("subtask", "t2") === 1);
    const waiting = call("get_workflow", { id }, { onprogress: (progress) => told.push(progress.message) });
    await eventually("progress is told", () => told.length > 0);
    gate.open();
    const ended = (await waiting).structuredContent;
    assert.deepEqual([ended.status, ended.answer.whole], ["complete", true]);
    assert.ok(told.length > 1, JSON.stringify(told));

    const next = emulator.workflow(() => text(LONG, { pieces: [LONG] }));
    const asked = { id, prompt: next.prompt("At length."), mode: "direct", wait_seconds: 30 };
    const { answer } = (await call("follow_up", asked)).structuredContent;
    assert.deepEqual([answer.whole, answer.start], [false, 0]);
    const rest = await read(`${answer.uri}?start=${answer.end}`);
    const { text: whole } = (await read(answer.uri)).contents[0];
    assert.equal(answer.text + rest.contents[0].text, whole);
    assert.equal(whole.trim(), LONG.trim());

    const endless = emulator.workflow(() => ({ kind: "hang" }));
    const begun = await call("start_workflow", { prompt: endless.prompt() });
    const gone = await call("terminate_workflow", { id: begun.structuredContent.id });
    assert.equal(gone.structuredContent.status, "terminated");

    const wrong = await call("get_workflow", { id: "nobody" });
    assert.equal(wrong.isError, true);
    assert.match(wrong.content[0].text, /nobody/);
    await client.close();
  });

test("a bad token is refused, with words, by HTTP and by the bridge", { timeout: 30_000 }, async () => {
  for (const [sdk, by] of [
    [SECOND, byHttp],
    [FIRST, byHttp],
    [SECOND, byBridge],
    [FIRST, byBridge],
  ])
    await assert.rejects(connect(sdk, by, "nobody-0123456789abcdef0"), /token|401|nauthorized/i, `${sdk}`);
});

test("kill -9 while calls wait: each is told, and asked again they have the whole answer", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    return call.task === "t2" ? held(gate, text("Answer of t2.")) : undefined;
  });
  const clients = await Promise.all([connect(SECOND, byHttp), connect(FIRST, byHttp), connect(FIRST, byBridge)]);
  const started = await clients[0].call("start_workflow", { prompt: workflow.prompt() });
  const { id } = started.structuredContent;
  await eventually("t2 is called", () => workflow.count("subtask", "t2") === 1);
  const told = [];
  const waiting = clients.map(({ call }, index) =>
    call("get_workflow", { id }, { onprogress: () => told.push(index), timeout: 20_000 }).then(
      ({ structuredContent }) => structuredContent.status,
      (error) => error,
    ),
  );
  await eventually("all wait", () => new Set(told).size === 3);
  await worker.kill();
  // Each has an error, of the connection or of the bridge, and none an answer.
  const bridged = await waiting[2];
  assert.match(bridged.message, /can't be reached|broke off/);
  const away = await clients[2].call("get_workflow", { id }).catch((error) => error);
  assert.match(away.message, /can't be reached.*get_workflow/s);
  await worker.revive();
  gate.open();
  const status = await api.reach(id, "complete", 30_000);
  for (const { call } of clients) {
    const { structuredContent } = await call("get_workflow", { id });
    assert.equal(structuredContent.answer.text, status.output.finalResult);
  }
  assert.equal(workflow.count("plan"), 1);
  assert.equal(workflow.count("subtask", "t1"), 1);
  await Promise.allSettled(clients.map(({ client }) => client.close()));
  await Promise.all(waiting);
});
