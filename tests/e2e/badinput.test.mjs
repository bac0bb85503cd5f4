// Bad input: each a problem+json and a living server, and none spends a model call.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertProblem } from "./support/api.mjs";
import { rawRequest } from "./support/raw.mjs";
import { armedAlarms, objectFiles, tablesOf } from "./support/storage.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const { api, emulator, stateDir, url } = await startWithOpenai();
const port = new URL(url).port;
const KIB = 1024;

afterEach(async () => {
  assert.equal(emulator.calls.length, 0, "a model call was spent");
  assert.equal((await api.get("/health")).status, 200, "the server lives");
});

async function refused(status, body, headers, pattern) {
  const problem = assertProblem(await api.post("/", body, headers), status);
  if (pattern) assert.match(problem.detail, pattern);
}

const json = { "content-type": "application/json" };

test("what is not JSON", async () => {
  for (const body of [
    "{",
    "",
    "prompt=hello",
    "{'prompt': 'x'}",
    '{"prompt":"x"} trailing',
    "\u0000",
    "[".repeat(100_000),
  ]) {
    await refused(400, body, json);
  }
});

test("JSON that is not an object", async () => {
  for (const body of ["null", "42", '"text"', "[]", "true"]) await refused(400, body, json);
});

test("wrong types", async () => {
  await refused(400, { prompt: 42 }, {}, /prompt/);
  await refused(400, { prompt: ["x"] }, {}, /prompt/);
  await refused(400, { prompt: null });
  await refused(400, { prompt: "x", id: 7 }, {}, /id/);
  await refused(400, { prompt: "x", tasks: "t1" }, {}, /tasks/);
  await refused(400, { prompt: "x", metadata: { a: 1 } }, {}, /metadata/);
  await refused(400, { prompt: "x", options: [] }, {}, /options/);
  await refused(400, { prompt: "x", options: { max_subtasks: "3" } }, {}, /max_subtasks/);
  await refused(400, { prompt: "x", options: { approval: "maybe" } }, {}, /approval|maybe/);
});

test("values out of bounds", async () => {
  for (const max_subtasks of [0, -1, 51, 1.5, 1e300])
    await refused(400, { prompt: "x", options: { max_subtasks } }, {}, /max_subtasks/);
  await refused(400, { prompt: "x", options: { max_concurrency: 0 } }, {}, /max_concurrency/);
  await refused(400, { prompt: "x", options: { token_budget: -5 } }, {}, /token_budget/);
  await refused(400, { prompt: "x", options: { deadline_seconds: 0 } }, {}, /deadline_seconds/);
  await refused(400, { prompt: "x", options: { instructions: "i".repeat(32 * KIB + 1) } }, {}, /instructions/);
  await refused(400, { prompt: "x", options: { big_model: "not-configured" } }, {}, /big_model|not-configured/);
  await refused(
    400,
    { prompt: "x", metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, "v"])) },
    {},
    /metadata/,
  );
});

test("a missing or empty prompt", async () => {
  await refused(400, {}, {}, /prompt/);
  await refused(400, { prompt: "" }, {}, /prompt/);
  await refused(400, { prompt: " \n\t" }, {}, /prompt/);
  await refused(400, "", { "content-type": "text/plain" }, /prompt/);
});

test("a prompt of 129 KiB", async () => {
  const prompt = "p".repeat(129 * KIB);
  await refused(413, { prompt }, {}, /128|131,?072/);
  await refused(413, prompt, { "content-type": "text/plain" }, /128|131,?072/);
  // Three bytes a character: the limit counts bytes, wherever they come from.
  await refused(413, { prompt: "世".repeat(43 * KIB + 1024) });
});

test("a body of 5 MB, announced or chunked, is refused before it has come whole", async () => {
  const head = (line) => ["POST / HTTP/1.1", `host: 127.0.0.1:${port}`, "content-type: text/plain", line].join("\r\n");
  const begun = "p".repeat(KIB);
  assertProblem(await rawRequest(port, `${head("content-length: 5000000")}\r\n\r\n${begun}`), 413);
  // One chunk of 1 MiB and a bit, and no end.
  const chunk = "p".repeat(1025 * KIB);
  const chunked = `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  assertProblem(await rawRequest(port, `${head("transfer-encoding: chunked")}\r\n\r\n${chunked}`), 413);
});

test("a body that never comes does not hold up others", async () => {
  const head = [
    "POST / HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    "content-length: 100",
  ].join("\r\n");
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`${head}\r\n\r\n{"prompt"`);
  assert.equal((await api.get("/health")).status, 200);
  socket.destroy();
});

test("unknown fields are named", async () => {
  await refused(400, { prompt: "x", promt: "y" }, {}, /promt/);
  await refused(400, { prompt: "x", options: { max_subtask: 3 } }, {}, /max_subtask\b/);
  await refused(
    400,
    { prompt: "x", tasks: [{ id: "a", title: "A", instructions: "Do.", dependson: [] }] },
    {},
    /dependson/,
  );
});

test("weird and reserved ids", async () => {
  for (const id of ["", "-a", "a b", "a/b", "ä", "a.b", "x".repeat(101), "../etc"])
    await refused(400, { prompt: "x", id }, {}, /id/);
  for (const id of [
    "health",
    "docs",
    "mcp",
    "assets",
    "api",
    "console",
    "metrics",
    "events",
    "result",
    "favicon",
    "openapi",
    "index",
    "workflows",
    "v1",
    "ready",
    "share",
    "usage",
    "tenants",
    "login",
    "well-known",
  ]) {
    await refused(400, { prompt: "x", id }, {}, /reserved|id/);
  }
  for (const path of ["/-a", "/a%20b", "/%2e%2e%2fetc", "/a.b", `/${"x".repeat(101)}`, "/%00", "/a/b/c", "/%ff"]) {
    assertProblem(await api.get(path), 404);
  }
});

test("an unknown id creates no table, row or alarm", async () => {
  for (const path of ["/nobody", "/nobody/result"]) assertProblem(await api.get(path), 404);
  for (const name of ["pause", "resume", "terminate"]) assertProblem(await api.post(`/nobody/${name}`), 404);
  assertProblem(await api.request("DELETE", "/nobody"), 404);
  for (const file of await objectFiles(stateDir)) assert.deepEqual(await tablesOf(file), {}, file);
  assert.equal(await armedAlarms(stateDir), 0);
});

test("wrong methods are 405 and told the right ones", async () => {
  const cases = [
    ["PUT", "/", /POST/],
    ["DELETE", "/", /POST/],
    ["PATCH", "/some-id", /GET/],
    ["POST", "/some-id", /GET/],
    ["POST", "/health", /GET/],
    ["GET", "/some-id/pause", /POST/],
    ["POST", "/some-id/result", /GET/],
    ["DELETE", "/workflows", /^GET, HEAD, POST, OPTIONS$/],
    ["DELETE", "/openapi.json", /GET/],
    ["PROPFIND", "/", /POST/],
    ["QUERY", "/some-id", /GET/],
    ["QUERY", "/workflows", /POST/],
    ["PROPFIND", "/openapi.json", /GET/],
    ["REPORT", "/health", /GET/],
  ];
  for (const [method, path, allow] of cases) {
    const answer = await api.request(method, path);
    assertProblem(answer, 405);
    assert.match(answer.headers.get("allow"), allow, `${method} ${path}`);
  }
});

test("a method that no HTTP server knows is refused, and never taken for GET", async () => {
  for (const path of ["/", "/health", "/some-id"]) {
    for (const method of ["FOO", "get", "TRACE"]) {
      const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close`;
      const { status } = await rawRequest(port, `${head}\r\n\r\n`);
      assert.ok([405, 501].includes(status), `${method} ${path}: ${status}`);
    }
  }
});

test("a compressed body is told to come uncompressed", async () => {
  const packed = gzipSync('{"prompt":"x"}');
  for (const [path, coding] of [
    ["/", "gzip"],
    ["/workflows", "br"],
    ["/some-id/restart", "GZIP"],
    ["/workflows/some-id/pause", "identity, zstd"],
  ]) {
    const answer = await api.post(path, new Uint8Array(packed), { ...json, "content-encoding": coding });
    assert.match(assertProblem(answer, 415, "unsupported-media-type").detail, /Content-Encoding.*uncompressed/);
    assert.equal(answer.headers.get("accept-encoding"), "identity");
  }
  await refused(400, { surprise: 1 }, { "content-encoding": "identity" }, /surprise/);
});

test("half of a surrogate pair is called that", async () => {
  await refused(400, '{"prompt":"\\ud83c"}', json, /half of a surrogate pair/);
  await refused(400, '{"prompt":"\\udf89 x"}', json, /half of a surrogate pair/);
  await refused(400, '{"prompt":"\\ud83c"}', { "content-type": "text/plain" }, /half of a surrogate pair/);
});

test("a fraction is no whole number", async () => {
  await refused(400, '{"prompt":"x","options":{"max_subtasks":3.5}}', json, /max_subtasks is 3.5: expected a whole/);
});

test("plain text that is a JSON object without a prompt", async () => {
  for (const body of ['{"promt":"x"}', "{}", ' {"messages": []}'])
    await refused(400, body, { "content-type": "text/plain" }, /application\/json/);
});

test("unsupported media types", async () => {
  for (const type of ["application/xml", "image/png", "multipart/form-data; boundary=x", "text/html"]) {
    await refused(415, '{"prompt":"x"}', { "content-type": type });
  }
});

test("text that is not UTF-8", async () => {
  const bytes = new Uint8Array([0x68, 0x69, 0xff, 0xfe]);
  await refused(400, bytes, { "content-type": "text/plain" });
  await refused(400, new Uint8Array([...Buffer.from('{"prompt":"'), 0xff, ...Buffer.from('"}')]), json);
});

test("headers that make no sense", async () => {
  await refused(400, { prompt: "x" }, { "idempotency-key": "k".repeat(2000) }, /idempotency/i);
});
