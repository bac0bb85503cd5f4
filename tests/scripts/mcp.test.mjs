// The stdio bridge: lines in, lines out, and nothing else on stdout, whatever the server does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/mcp.mjs", import.meta.url));
const META = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
const servers = [];
after(() => {
  for (const server of servers) server.close();
});

/** A server that answers each message by `play(message, request, response)`. */
async function serverOf(play) {
  const seen = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const message = JSON.parse(Buffer.concat(chunks).toString());
    seen.push({ message, headers: request.headers, url: request.url });
    play(message, response, request);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}`, seen, server };
}

const json = (response, body, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** What `look` gives once that is something. */
async function holds(look, seen = () => "") {
  for (let n = 0; n < 400; n++) {
    const found = look();
    if (found) return found;
    await sleep(25);
  }
  assert.fail(`it did not come to be: ${seen()}`);
}

/** A bridge that runs: `send(message)`, and the messages that it has written. */
function bridge(args, env = {}) {
  const child = spawn(process.execPath, [SCRIPT, ...args], { env: { PATH: process.env.PATH, ...env } });
  after(() => child.kill());
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const exit = once(child, "exit").then(([code]) => code);
  const messages = () =>
    out
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return {
    send: (line) => child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`),
    end: () => child.stdin.end(),
    exit,
    messages,
    stderr: () => err,
    until: (test) =>
      holds(
        () => messages().find(test),
        () => `${out} ${err}`,
      ),
  };
}

test("requests go with their headers, are concurrent, and events become lines", async () => {
  let first;
  const { url, seen } = await serverOf((message, response) => {
    if (message.method === "tools/list") {
      first = response;
      return;
    }
    if (message.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(
      `: hello\n\nevent: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n`,
    );
    response.end(`event: message\ndata: {"jsonrpc":"2.0",\ndata: "id":${message.id},"result":{"text":"a\u2028b"}}\n\n`);
    json(first, { jsonrpc: "2.0", id: "slow", result: {} });
  });
  const { send, until, messages, end, exit } = bridge(["--url", `${url}/`, "--token", "secret-0123456789"]);
  send({ jsonrpc: "2.0", id: "slow", method: "tools/list", params: { _meta: META } });
  await holds(() => first);
  send({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "get \u2028 \u00e9", _meta: META } });
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  await until(({ id }) => id === "slow");
  assert.equal((await until(({ id }) => id === 2)).result.text, "a\u2028b");
  assert.deepEqual(
    messages().map(({ id, method }) => id ?? method),
    ["notifications/progress", 2, "slow"],
  );
  const [list, call] = seen;
  assert.equal(list.url, "/mcp");
  assert.equal(list.headers.authorization, "Bearer secret-0123456789");
  assert.deepEqual([list.headers["mcp-protocol-version"], list.headers["mcp-method"]], ["2026-07-28", "tools/list"]);
  const [, name] = /^=\?base64\?(.*)\?=$/.exec(call.headers["mcp-name"]);
  assert.equal(Buffer.from(name, "base64").toString(), "get \u2028 \u00e9");
  end();
  assert.equal(await exit, 0);
});

test("what an older client has agreed upon goes with its later requests", async () => {
  const { url, seen } = await serverOf((message, response) =>
    json(response, {
      jsonrpc: "2.0",
      id: message.id,
      result: message.method === "initialize" ? { protocolVersion: "2025-06-18" } : {},
    }),
  );
  const { send, until } = bridge(["--url", `${url}/mcp`], { ORCHESTRATOR_TOKEN: "of-the-environment-01" });
  send({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: "2025-06-18" } });
  await until(({ id }) => id === 1);
  send({ jsonrpc: "2.0", id: 2, method: "ping" });
  await until(({ id }) => id === 2);
  const [first, second] = seen.map(({ headers }) => headers);
  assert.equal(first["mcp-protocol-version"], undefined);
  assert.equal(second["mcp-protocol-version"], "2025-06-18");
  assert.equal(second["mcp-method"], undefined);
  assert.equal(second.authorization, "Bearer of-the-environment-01");
});

test("every request is answered, also where the server is away or answers with something else", async () => {
  const replies = {
    html: (response) => response.writeHead(502, { "content-type": "text/html" }).end("<html>Bad Gateway</html>"),
    refused: (response) => json(response, { jsonrpc: "2.0", error: { code: 401, message: "no token" } }, 401),
    broken: (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n`);
      setTimeout(() => response.destroy(), 50);
    },
    ended: (response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(": nothing\n\n"),
    empty: (response) => response.writeHead(202).end(),
    elsewhere: (response) => response.writeHead(301, { location: "https://there.example/mcp" }).end(),
    missing: (response) => response.writeHead(404).end(),
    garbled: (response) => response.writeHead(200, { "content-type": "application/json" }).end("{"),
    fine: (response, { id }) => json(response, { jsonrpc: "2.0", id, result: {} }),
  };
  const { url, server } = await serverOf((message, response) => replies[message.method](response, message));
  const { send, until, stderr, end, exit } = bridge(["--url", url]);
  for (const method of Object.keys(replies)) send({ jsonrpc: "2.0", id: method, method });
  const wordsOf = async (method) => (await until(({ id }) => id === method)).error.message;
  assert.match(await wordsOf("html"), /status 502/);
  assert.equal(await wordsOf("refused"), "no token");
  for (const method of ["broken", "ended", "empty"]) assert.match(await wordsOf(method), /broke off|reached/, method);
  assert.match(await wordsOf("elsewhere"), /leads to https:\/\/there\.example\/mcp/);
  assert.match(await wordsOf("missing"), /no MCP/);
  assert.match(await wordsOf("garbled"), /broke off|status 200/);
  assert.deepEqual((await until(({ id }) => id === "fine")).result, {});
  // Lines that are no message.
  send("not json");
  send("[]");
  send("");
  assert.equal((await until(({ error }) => error?.code === -32700)).id, undefined);
  assert.equal((await until(({ error }) => error?.code === -32600)).id, undefined);
  // The server goes, and comes back.
  const { port } = server.address();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  send({ jsonrpc: "2.0", id: "away", method: "fine" });
  send({ jsonrpc: "2.0", method: "notifications/whatever" });
  assert.match(await wordsOf("away"), /can't be reached.*ECONNREFUSED.*get_workflow/s);
  await holds(() => /can't be reached/.test(stderr()), stderr);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  send({ jsonrpc: "2.0", id: "back", method: "fine" });
  assert.deepEqual((await until(({ id }) => id === "back")).result, {});
  end();
  assert.equal(await exit, 0);
});

test("a request that is cancelled is closed, not answered; the end of stdin waits for the last answers", async () => {
  let closed = 0;
  const { url, seen } = await serverOf((message, response) => {
    response.on("close", () => {
      if (!response.writableEnded) closed += 1;
    });
    if (message.method === "late")
      setTimeout(() => json(response, { jsonrpc: "2.0", id: message.id, result: {} }), 400);
  });
  const { send, messages, end, exit } = bridge(["--url", url]);
  send({ jsonrpc: "2.0", id: 7, method: "hangs" });
  await holds(() => seen.length === 1);
  send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
  await holds(() => closed === 1);
  send({ jsonrpc: "2.0", id: 8, method: "late" });
  await holds(() => seen.length === 2);
  end();
  assert.equal(await exit, 0);
  assert.deepEqual(
    messages().map(({ id }) => id),
    [8],
  );
  assert.equal(closed, 1);
});

test("wrong usage is said on stderr, with nothing on stdout", async () => {
  for (const [args, words] of [
    [["--url", "nonsense"], /no URL/],
    [["--url"], /url/],
    [["--nothing"], /--nothing/],
    [["what"], /nothing to do with what/],
  ]) {
    const { exit, stderr, messages } = bridge(args);
    assert.equal(await exit, 2);
    assert.match(stderr(), words);
    assert.deepEqual(messages(), []);
  }
});
