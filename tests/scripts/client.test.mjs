// The typed client against a server that is scripted: what goes over the wire, and what the caller sees of it.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { OrchestratorClient, OrchestratorError, pathOf } from "../../client/index.js";
import { framesOf, makeParser } from "../../client/sse.js";

/** A client whose requests are answered one after the other, and what was asked: `{ client, asked }`. */
function scripted(answers, options = {}) {
  const asked = [];
  const fetch = async (url, init) => {
    asked.push({ url, method: init.method, headers: init.headers, body: init.body && JSON.parse(init.body), init });
    const answer = answers.shift();
    if (!answer) throw new Error("nothing more was expected");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(init) : answer;
  };
  return { client: new OrchestratorClient({ url: "https://server/", fetch, ...options }), asked };
}

const away = () => new TypeError("fetch failed");
const busy = (seconds = 0) => new Response("", { status: 503, headers: { "retry-after": String(seconds) } });
const problem = (status, kind, headers = {}) =>
  Response.json(
    { type: `urn:orchestrator-workers:problem:${kind}`, title: "No", detail: "not now", status },
    {
      status,
      headers: { "content-type": "application/problem+json", ...headers },
    },
  );
const stream = (...chunks) =>
  new Response(
    new ReadableStream({
      async start(controller) {
        for (const chunk of chunks) {
          if (chunk === "break") {
            await new Promise(setImmediate);
            return controller.error(new TypeError("terminated"));
          }
          controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
        }
        controller.close();
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  );
const frame = (seq, type, data = {}) => `id: ${seq}-abc\nevent: ${type}\ndata: ${JSON.stringify({ seq, ...data })}\n\n`;
const live = (type, data) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

async function collected(events) {
  const all = [];
  for await (const event of events) all.push(event);
  return all;
}

const WIRE = [
  "\ufeff: hello\r\n",
  "retry: 1000\r\n\r\n",
  'id: 1-a\r\nevent: first\r\ndata: {"text":"ä€😀"}\r\n\r\n',
  "id: 2-a\nevent:second\ndata:1\ndata: 2\n\n",
  "event: third\rdata: x\r\r",
  ": keep-alive\n\n",
  "unknown: field\ndata\n\n",
].join("");
const FRAMES = [
  { id: "1-a", event: "first", data: '{"text":"ä€😀"}' },
  { id: "2-a", event: "second", data: "1\n2" },
  { id: null, event: "third", data: "x" },
  { id: null, event: "message", data: "" },
];

test("frames are the same wherever their bytes are split", async () => {
  const bytes = new TextEncoder().encode(WIRE);
  for (let at = 0; at < bytes.length; at++) {
    const body = stream(bytes.slice(0, at), bytes.slice(at)).body;
    assert.deepEqual(await collected(framesOf(body)), FRAMES, `split at ${at}`);
  }
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  assert.deepEqual(await collected(framesOf(stream(...single).body)), FRAMES);
});

test("an unfinished frame is none, and a long line costs each chunk once", () => {
  assert.deepEqual(makeParser()("data: 1\n"), []);
  const push = makeParser();
  const began = performance.now();
  push("data: ");
  for (let i = 0; i < 20_000; i++) push("x".repeat(400));
  assert.equal(push("\n\n")[0].data.length, 8_000_000);
  assert.ok(performance.now() - began < 5_000);
});

test("a stream goes on after the last whole id until the terminal event", async () => {
  const { client, asked } = scripted([
    stream(frame(1, "workflow_queued"), live("delta", { from: 0, text: "a" }), frame(2, "workflow_started"), "break"),
    away(),
    stream("id: 3-abc\nevent: workflow_com"),
    stream(live("delta", { from: 0, text: "ab" }), frame(3, "workflow_completed")),
  ]);
  let connections = 0;
  const events = await collected(client.events("w 1", { types: ["all"], onConnect: () => connections++ }));
  assert.deepEqual(
    events.map(({ id, type, seq, text }) => [id, type, seq ?? text]),
    [
      ["1-abc", "workflow_queued", 1],
      [null, "delta", "a"],
      ["2-abc", "workflow_started", 2],
      [null, "delta", "ab"],
      ["3-abc", "workflow_completed", 3],
    ],
  );
  assert.equal(connections, 3);
  assert.equal(asked[0].url, "https://server/workflows/w%201/events?types=all");
  assert.deepEqual(
    asked.map(({ headers }) => headers["last-event-id"]),
    [undefined, "2-abc", "2-abc", "2-abc"],
  );
});

test("a stream of chosen types ends with 204, and the end of an earlier run is none", async () => {
  const ends = frame(1, "workflow_completed") + frame(2, "workflow_restarted");
  const { client, asked } = scripted([stream(ends), new Response(null, { status: 204 })]);
  const events = await collected(client.events("w", { after: "0-abc" }));
  assert.equal(events.length, 2);
  assert.deepEqual(
    asked.map(({ headers }) => headers["last-event-id"]),
    ["0-abc", "2-abc"],
  );
});

test("a place in the stream that is still taken is waited for, once it has begun", async () => {
  const full = () => problem(429, "too-many-subscribers", { "retry-after": "0" });
  const { client } = scripted([stream(frame(1, "workflow_queued")), full(), stream(frame(2, "workflow_completed"))]);
  assert.equal((await collected(client.events("w"))).length, 2);
  await assert.rejects(collected(scripted([full()]).client.events("w")), { status: 429 });
});

test("a stream is refused with an error, also once it has begun", async () => {
  const { client } = scripted([stream(frame(1, "workflow_queued")), problem(404, "not-found")]);
  const events = client.events("w");
  await events.next();
  await assert.rejects(events.next(), { status: 404, kind: "not-found" });
});

test("an abort ends everything at once and leaves no listener", async () => {
  for (const [name, answer, use] of [
    [
      "a stream",
      () => new Response(new ReadableStream()),
      (client, signal) => collected(client.events("w", { signal })),
    ],
    [
      "a request",
      ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))),
      (client, signal) => client.status("w", { signal }),
    ],
    ["a pause", () => busy(5), (client, signal) => client.wait("w", { signal })],
  ]) {
    const controller = new AbortController();
    const { client } = scripted([answer]);
    const pending = use(client, controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await assert.rejects(pending, { message: "enough" }, name);
    const left = getEventListeners(controller.signal, "abort").length;
    assert.ok(left <= (name === "a request" ? 1 : 0), `${name}: ${left} of ours left`);
  }
});

test("whoever leaves the loop closes the connection", async () => {
  let closed = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(frame(1, "workflow_queued"))),
    cancel: () => {
      closed = true;
    },
  });
  const { client } = scripted([new Response(body)]);
  for await (const _ of client.events("w")) break;
  assert.ok(closed);
});

test("a submission has a key, and is repeated with it", async () => {
  const taken = Response.json({ id: "w", details: {} }, { status: 202, headers: { location: "/workflows/w" } });
  const { client, asked } = scripted([away(), busy(), taken], { token: "secret", headers: { "x-of": "ours" } });
  const { id, headers } = await client.submit({ prompt: "x" });
  assert.deepEqual([id, headers.get("location")], ["w", "/workflows/w"]);
  const [first, second, third] = asked;
  assert.match(first.headers["idempotency-key"], /^[0-9a-f-]{36}$/);
  assert.deepEqual([second.headers, third.headers], [first.headers, first.headers]);
  assert.deepEqual(
    [first.method, first.url, first.body, first.headers.authorization, first.headers["x-of"]],
    ["POST", "https://server/workflows", { prompt: "x" }, "Bearer secret", "ours"],
  );
});

test("what may not be asked twice is asked once", async () => {
  const { client, asked } = scripted([away(), busy(), away(), away()]);
  await assert.rejects(client.submit({ id: "mine", prompt: "x" }), /fetch failed/);
  await assert.rejects(client.submit({ id: "mine", prompt: "x" }), { status: 503, retryAfterMs: 0 });
  await assert.rejects(client.terminate("w"), /fetch failed/);
  await assert.rejects(client.delete("w"), /fetch failed/);
  assert.equal(asked.length, 4);
  assert.equal(asked[0].headers["idempotency-key"], undefined);
});

test("a control is repeated where the server refuses for the moment", async () => {
  const { client, asked } = scripted([busy(), Response.json({ id: "w", status: { status: "paused" } })]);
  assert.equal((await client.pause("w")).status, "paused");
  assert.deepEqual([asked[1].method, asked[1].url], ["POST", "https://server/workflows/w/pause"]);
});

test("a 503 that does not say when to ask again is an error, and so is a server that stays away", async () => {
  const { client, asked } = scripted([problem(503, "auth-not-configured"), away()], { patienceMs: 0 });
  await assert.rejects(client.status("w"), { status: 503, kind: "auth-not-configured" });
  await assert.rejects(client.status("w"), /fetch failed/);
  assert.equal(asked.length, 2);
});

test("a problem document becomes an error, and anything else too", async () => {
  const { client } = scripted([
    problem(429, "too-many-subscribers", { "retry-after": "7" }),
    new Response("<html>", { status: 404 }),
    new Response("<html>"),
  ]);
  await assert.rejects(client.status("w"), (error) => {
    assert.ok(error instanceof OrchestratorError);
    assert.deepEqual([error.status, error.kind, error.retryAfterMs], [429, "too-many-subscribers", 7_000]);
    assert.equal(error.message, "No: not now");
    assert.equal(error.problem.detail, "not now");
    return true;
  });
  await assert.rejects(client.status("w"), { status: 404, kind: "", problem: null, retryAfterMs: null });
  await assert.rejects(client.describe(), { name: "OrchestratorError", message: /is it an orchestrator/ });
});

test("waiting goes on from long poll to long poll, also over a server that restarts", async () => {
  const { client, asked } = scripted([
    Response.json({ id: "w", status: { status: "running" } }, { headers: { etag: '"1"' } }),
    new Response(null, { status: 304 }),
    away(),
    Response.json({ id: "w", status: { status: "complete" } }, { headers: { etag: '"2"' } }),
  ]);
  const seen = [];
  const status = await client.wait("w", { onStatus: ({ status }) => seen.push(status) });
  assert.deepEqual([status.status, seen], ["complete", ["running", "complete"]]);
  assert.deepEqual(
    asked.map(({ headers }) => [headers.prefer, headers["if-none-match"]]),
    [
      ["wait=25", undefined],
      ["wait=25", '"1"'],
      ["wait=25", '"1"'],
      ["wait=25", '"1"'],
    ],
  );
});

test("the list goes from page to page", async () => {
  const { client, asked } = scripted([
    Response.json({ workflows: [{ id: "a" }], next: "1", counts: {} }),
    Response.json({ workflows: [], next: "2", counts: {} }),
    Response.json({ workflows: [{ id: "b" }], next: null, counts: {} }),
  ]);
  const query = { status: ["running", "paused"], metadata: { team: "a b" }, limit: 1 };
  assert.deepEqual(
    (await collected(client.list(query))).map(({ id }) => id),
    ["a", "b"],
  );
  assert.deepEqual(
    asked.map(({ url }) => new URL(url).search),
    ["", "&cursor=1", "&cursor=2"].map((end) => `?status=running%2Cpaused&limit=1${end ? end : ""}&metadata.team=a+b`),
  );
});

test("an id stays within its path", () => {
  assert.equal(pathOf("a/b?c#d"), "/workflows/a%2Fb%3Fc%23d");
  for (const id of ["", ".", ".."]) assert.throws(() => pathOf(id), TypeError);
});

test("a binding is called as its own method, and the global fetch as nobody's", async () => {
  const binding = {
    fetch(url) {
      assert.equal(this, binding);
      return Promise.resolve(Response.json({ url }));
    },
  };
  assert.deepEqual(await new OrchestratorClient({ binding }).describe(), { url: "https://orchestrator/" });
});
