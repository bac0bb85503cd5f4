// What the OpenAI-shaped doors share, as pure functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../src/doors/json.js";
import { whenLeft } from "../../src/doors/openai-common/delivery.js";
import { ofEnd, ofProblem, Refusal, refusalOf } from "../../src/doors/openai-common/errors.js";
import { isTruncated } from "../../src/doors/openai-common/follow.js";
import { exchangesOf, leftOutWords, newest } from "../../src/doors/openai-common/history.js";
import { hashOf, submitOrJoin } from "../../src/doors/openai-common/join.js";
import { Progress } from "../../src/doors/openai-common/progress.js";
import { labelled, readObject, schemaOf, textOf } from "../../src/doors/openai-common/requests.js";
import { piecesOf, SettledText, StreamRestarted } from "../../src/doors/openai-common/settled.js";

const problem = (name) => ({ type: `urn:orchestrator-workers:problem:${name}`, title: "T", detail: "what to do" });
const turn = (role, text) => ({ role, text });

test("settled text is given once, in order, and nothing that is not settled", () => {
  const text = new SettledText();
  assert.equal(text.take({ from: 0, text: "One two", settled: 3 }), "One");
  assert.equal(text.take({ from: 7, text: " three", settled: 3 }), "");
  assert.equal(text.take({ from: 3, text: " TWO three", settled: 7 }), " TWO");
  assert.equal(text.finish("One TWO four"), " four");
  assert.equal(text.sent, "One TWO four");
});

test("characters are counted as the API counts them, beyond the Basic Multilingual Plane too", () => {
  const text = new SettledText();
  const whole = "a\u{1F600}b\u{1F600}\u{1F600}c\u{20BB7}d";
  const chars = [...whole];
  let got = "";
  for (let at = 0; at < chars.length; at += 2) {
    const piece = chars.slice(at, at + 2).join("");
    got += text.take({ from: at, text: piece, settled: at + 1 });
    assert.equal(got, chars.slice(0, at + 1).join(""));
  }
  assert.equal(got + text.finish(whole), whole);
});

test("text that is cut back and comes again the same is no harm; any other is a restart", () => {
  const begun = () => {
    const text = new SettledText();
    text.take({ from: 0, text: "The same words", settled: 14 });
    text.take({ from: 0, text: "", settled: 0 });
    return text;
  };
  const same = begun();
  assert.equal(same.take({ from: 0, text: "The sa", settled: 6 }), "");
  assert.equal(same.take({ from: 6, text: "me words, and more", settled: 24 }), ", and more");
  const other = begun();
  assert.equal(other.take({ from: 0, text: "The s", settled: 5 }), "");
  assert.throws(() => other.take({ from: 5, text: "ilent", settled: 10 }), StreamRestarted);
  assert.throws(() => begun().finish("The same"), StreamRestarted);
  assert.throws(() => begun().finish("Other words than those"), StreamRestarted);
});

test("whatever a run does with its text, nobody holds a mixture", () => {
  const random = (seed) => () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const next = random(seed);
    const write = () => Array.from({ length: 12 }, () => "ab\u{1F600}"[Math.floor(next() * 2)] ?? "a").join("");
    const text = new SettledText();
    let got = "";
    let now = "";
    try {
      for (let step = 0; step < 8; step += 1) {
        const from = Math.floor(next() * (now.length + 1));
        const added = write().slice(0, Math.floor(next() * 5));
        now = now.slice(0, from) + added;
        got += text.take({ from, text: added, settled: Math.floor(next() * (now.length + 1)) });
      }
      const whole = next() < 0.5 ? now + write() : write();
      got += text.finish(whole);
      assert.equal(got, whole, `seed ${seed}`);
    } catch (error) {
      assert.ok(error instanceof StreamRestarted, error.stack);
    }
  }
});

test("long live text is taken in linear time", () => {
  const text = new SettledText();
  const started = Date.now();
  let at = 0;
  for (let index = 0; index < 200_000; index += 1) {
    text.take({ from: at, text: "word\u{1F600}", settled: at });
    at += 5;
  }
  const seconds = (Date.now() - started) / 1_000;
  assert.ok(seconds < 10, `${seconds} s`);
});

test("a long text comes in pieces, none of which ends within a character", () => {
  assert.deepEqual([...piecesOf("")], []);
  assert.deepEqual([...piecesOf("short")], ["short"]);
  for (const start of ["", "x"]) {
    const text = start + "\u{1F600}".repeat(10_000);
    const pieces = [...piecesOf(text)];
    assert.equal(pieces.join(""), text);
    assert.ok(pieces.length > 4 && pieces.every((piece) => piece.isWellFormed() && piece.length <= 4_096));
  }
});

test("turns become exchanges: those of one role belong together, nothing is dropped", () => {
  assert.deepEqual(
    exchangesOf([
      turn("assistant", "Hello."),
      turn("user", "A"),
      turn("user", "B"),
      turn("assistant", "C"),
      turn("user", "D"),
    ]),
    [
      { request: "(The assistant spoke first.)", answer: "Hello." },
      { request: "A\n\nB", answer: "C" },
      { request: "D", answer: "(No answer.)" },
    ],
  );
  assert.deepEqual(exchangesOf([turn("user", " "), turn("assistant", "")]), []);
});

test("the oldest exchanges stay out where not all fit, and that is said", () => {
  const exchange = (request) => ({ request, answer: "x".repeat(100_000) });
  const all = ["a", "b", "c", "d"].map(exchange);
  assert.deepEqual(newest(all), { history: all.slice(2), leftOut: 2 });
  assert.deepEqual(newest(all.slice(2)), { history: all.slice(2), leftOut: 0 });
  // The core shortens the newest one where that alone is too long.
  const long = { request: "long", answer: "x".repeat(300_000) };
  assert.deepEqual(newest([...all, long]), { history: [long], leftOut: 4 });
  assert.deepEqual(newest([...all, { request: "longer", answer: "\n".repeat(400_000) }]).leftOut, 5);
  assert.deepEqual(newest([]), { history: [], leftOut: 0 });
  // So many turns at most, however short they are.
  const short = Array.from({ length: 1_200 }, (_, n) => ({ request: `q${n}`, answer: "a" }));
  assert.deepEqual(newest(short), { history: short.slice(200), leftOut: 200 });
  assert.equal(leftOutWords(0), null);
  assert.match(leftOutWords(1), /^The oldest turn of this conversation did not fit \(256 KiB, 1000 turns\)/);
  assert.match(leftOutWords(2), /^The oldest 2 turns /);
});

test("content is a string or parts of text; all else is refused by its name and place", () => {
  assert.equal(textOf("plain", "here"), "plain");
  assert.equal(textOf(undefined, "here"), "");
  const parts = [{ type: "text", text: "one" }, { type: "input_text", text: "two" }, "three"];
  assert.equal(textOf(parts, "here"), "one\n\ntwo\n\nthree");
  for (const [type, name] of [
    ["image_url", /an image/],
    ["input_image", /an image/],
    ["input_audio", /audio/],
    ["file", /a file/],
    ["video_url", /a video/],
    ["nonsense", /not known: "nonsense"/],
  ])
    assert.throws(
      () => textOf([{ type: "text", text: "one" }, { type }], "messages[2].content"),
      (error) => error.status === 400 && error.param === "messages[2].content[1]" && name.test(error.message),
    );
  assert.throws(() => textOf(3, "here"), Refusal);
  assert.throws(() => textOf([{ type: "text" }], "here"), Refusal);
});

test("a schema comes from both shapes of a format", () => {
  const schema = { type: "object", properties: {} };
  assert.equal(schemaOf(undefined, "f"), undefined);
  assert.equal(schemaOf({ type: "text" }, "f"), undefined);
  assert.deepEqual(schemaOf({ type: "json_object" }, "f"), { type: "object" });
  assert.deepEqual(schemaOf({ type: "json_schema", json_schema: { name: "n", schema } }, "f"), schema);
  assert.deepEqual(schemaOf({ type: "json_schema", name: "n", schema }, "f"), schema);
  for (const wrong of [{ type: "json_schema" }, { type: "grammar" }, {}, "text"])
    assert.throws(() => schemaOf(wrong, "f"), Refusal);
});

test("a schema of an older draft has the names of 2020-12", () => {
  const made = (schema) => schemaOf({ type: "json_schema", name: "n", schema }, "f");
  const older = "http://json-schema.org/draft-07/schema#";
  for (const $schema of [
    older,
    "http://json-schema.org/draft-06/schema",
    "https://json-schema.org/draft/2019-09/schema",
  ])
    assert.deepEqual(made({ $schema, type: "object" }), { type: "object" });
  assert.deepEqual(
    made({
      type: "object",
      properties: {
        // Names of properties are no keywords.
        definitions: { $ref: "#/definitions/tree" },
        items: { type: "array", items: [{ $ref: "#/definitions/tree" }, true], additionalItems: false },
        any: {
          anyOf: [{ type: "array", items: { $ref: "#/definitions/tree" } }, { const: { $ref: "#/definitions/a" } }],
        },
      },
      definitions: { tree: { type: "object", properties: { $ref: { type: "string" } } } },
    }),
    {
      type: "object",
      properties: {
        definitions: { $ref: "#/$defs/tree" },
        items: { type: "array", prefixItems: [{ $ref: "#/$defs/tree" }, true], items: false },
        any: { anyOf: [{ type: "array", items: { $ref: "#/$defs/tree" } }, { const: { $ref: "#/definitions/a" } }] },
      },
      $defs: { tree: { type: "object", properties: { $ref: { type: "string" } } } },
    },
  );
  // What says that it is another draft, and what is of both, is left to the core, which says what to do.
  for (const as of [
    { $schema: "https://json-schema.org/draft/2020-12/schema", definitions: {} },
    { $schema: "http://json-schema.org/draft-04/schema#", items: [true] },
    { $schema: 7, definitions: {} },
    { definitions: { a: {} }, $defs: {}, not: { $ref: "#/definitions/a" } },
    { not: { definitions: { a: {} } } },
    { items: [true], prefixItems: [true], additionalItems: false },
    { definitions: 3 },
  ])
    assert.deepEqual(made(as), as);
  let deep = {};
  for (let depth = 0; depth < 60_000; depth += 1) deep = { not: deep };
  assert.throws(() => made(deep), Refusal);
});

test("a body is a JSON object, of which what is null counts as absent", async () => {
  const request = (body) => new Request("http://x/", { method: "POST", body });
  assert.deepEqual(await readObject(request('{"a": null, "b": 0}')), { b: 0 });
  for (const wrong of ["", "[]", "null", "3", "{", "\xff"])
    await assert.rejects(readObject(request(Uint8Array.from(wrong, (char) => char.charCodeAt(0)))), Refusal);
  await assert.rejects(
    readObject(request("x".repeat(8 * 1024 * 1024 + 1))),
    (error) => error.status === 413 && error.code === "request_too_large",
  );
});

test("the caller's metadata has room for the door's label", () => {
  assert.deepEqual(labelled(undefined, { own: "1" }), { own: "1" });
  assert.deepEqual(labelled({ team: "shop" }, { own: "1" }), { team: "shop", own: "1" });
  const many = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, ""]));
  for (const wrong of [many, { team: 3 }, ["shop"], "shop"])
    assert.throws(
      () => labelled(wrong, { own: "1" }),
      (error) => error.param === "metadata",
    );
});

test("the same request has the same hash, whatever the order of its keys", async () => {
  const one = await hashOf("chat", { a: { b: [1, 2], c: 3 }, stream: true }, ["stream"]);
  assert.match(one, /^[0-9a-f]{64}$/);
  assert.equal(await hashOf("chat", { stream: false, a: { c: 3, b: [1, 2] } }, ["stream"]), one);
  for (const other of [
    await hashOf("chat", { a: { b: [2, 1], c: 3 } }),
    await hashOf("responses", { a: { b: [1, 2], c: 3 } }),
    await hashOf("chat", { a: { b: [1, 2], c: 3 }, d: 0 }),
  ])
    assert.notEqual(other, one);
});

test("a repetition looks for a run of the last hour, and of no longer", async () => {
  const asked = [];
  const inside = {
    request: new Request("https://host.example/", { headers: { "x-stainless-retry-count": "1" } }),
    fetch: async (path) => {
      asked.push(new URL(path, "https://host.example/").searchParams);
      return Response.json({ workflows: [{ id: "w1", status: "running" }], next: null });
    },
  };
  const submission = { prompt: "p", metadata: { "openai-request": "h" } };
  const found = await submitOrJoin(/** @type {any} */ (inside), submission, null);
  assert.deepEqual([found.id, found.joined], ["w1", true]);
  const age = Date.now() - Date.parse(asked[0].get("created_after"));
  assert.ok(age >= 3_600_000 && age < 3_610_000, `${age}`);
  // Streamed or whole: the labels of both.
  const labels = () => asked.map((query) => query.get("metadata.openai-request")).sort();
  assert.deepEqual(labels(), ["h", "h/240000"]);
  asked.length = 0;
  await submitOrJoin(/** @type {any} */ (inside), submission, 3_000);
  assert.deepEqual(labels(), ["h", "h/3000"]);
});

test("a request that nobody called a repetition joins a run that must have lost its reader, and no other", async () => {
  const ago = (seconds) => new Date(Date.now() - seconds * 1_000).toISOString();
  const run = (status, begun, ended = null) => ({
    status,
    queued: ago(begun),
    ...(ended === null ? {} : { end: ago(ended) }),
  });
  const sent = async (found, { waitedMs = 240_000, headers = {} } = {}) => {
    const asked = [];
    let submission = null;
    const inside = {
      request: new Request("https://host.example/", { headers }),
      fetch: async (path) => {
        asked.push(new URL(path, "https://host.example/").searchParams);
        return Response.json({ workflows: found ? [{ id: "w1", ...found }] : [], next: null });
      },
      client: {
        submit: async (given) => {
          submission = given;
          return { id: "w2", details: {} };
        },
      },
    };
    const { id } = await submitOrJoin(
      /** @type {any} */ (inside),
      { prompt: "p", metadata: { "openai-request": "h" } },
      waitedMs,
    );
    return { id, asked, label: submission?.metadata["openai-request"] };
  };
  for (const status of ["queued", "running"]) assert.equal((await sent(run(status, 241))).id, "w1");
  const { asked } = await sent(run("running", 241));
  const ageMs = Date.now() - Date.parse(asked[0].get("created_before"));
  assert.ok(ageMs >= 228_000 && ageMs < 238_000, `${ageMs}`);
  assert.equal(asked[0].get("metadata.openai-request"), "h/240000", "none of a stream, nor of another patience");
  assert.equal((await sent(run("complete", 250, 5))).id, "w1", "it ended between the two requests");
  for (const other of [
    null,
    run("complete", 320, 70),
    // Its answer was waited for, and told.
    run("complete", 240, 30),
    run("complete", 240, 2),
    run("terminated", 250, 5),
    run("paused", 250),
    run("waitingForPause", 250),
  ]) {
    const { id, label } = await sent(other);
    assert.deepEqual([id, label], ["w2", "h/240000"], JSON.stringify(other));
  }
  for (const other of [{ waitedMs: null }, { headers: { "idempotency-key": "k" } }]) {
    const { id, asked, label } = await sent(run("running", 241), other);
    assert.deepEqual([id, asked.length, label], ["w2", 0, "h"], JSON.stringify(other));
  }
});

test("a run that was terminated is joined by nobody, and what is refused is told in the caller's words", async () => {
  const inside = {
    request: new Request("https://host.example/", { headers: { "x-stainless-retry-count": "1" } }),
    fetch: async () => Response.json({ workflows: [{ id: "w1", status: "terminated" }], next: null }),
    client: { submit: async () => ({ id: "w2", details: {} }) },
  };
  const submission = { prompt: "p", metadata: { "openai-request": "h" } };
  assert.equal((await submitOrJoin(/** @type {any} */ (inside), submission, null)).id, "w2");
  // Without a list to ask it is not asked again and again.
  let looks = 0;
  const fetch = async () => {
    looks += 1;
    return Response.json({}, { status: 503 });
  };
  const away = { ...inside, fetch };
  assert.equal((await submitOrJoin(/** @type {any} */ (away), submission, null)).id, "w2");
  assert.equal(looks, 2, "one for each label");
  const detail = 'options.output_schema: "$id" is not read, and "options.output_schema" is no history';
  const places = { prompt: "messages", history: "messages", "options.output_schema": "response_format" };
  const { message } = ofProblem(400, { ...problem("invalid-request"), detail }, { places });
  assert.equal(message, 'response_format: "$id" is not read, and "options.output_schema" is no history');
});

test("what is not stored is not kept for whoever may come back", () => {
  assert.equal(whenLeft({}, "pause"), "pause");
  assert.equal(whenLeft({ retention_seconds: 3600 }, "pause"), "terminate");
  assert.equal(whenLeft({ retention_seconds: 3600 }, "continue"), "continue");
});

test("a body that is larger than it may be is read to its end, because its client is still sending", async () => {
  let read = 0;
  const chunk = new Uint8Array(1024 * 1024);
  const body = new ReadableStream({
    pull(controller) {
      if (read === 9) return controller.close();
      read += 1;
      controller.enqueue(chunk);
    },
  });
  const request = new Request("https://host.example/", { method: "POST", body, duplex: "half" });
  await assert.rejects(readObject(request), { status: 413 });
  assert.equal(read, 9);
});

test("our problems in OpenAI's form", () => {
  for (const [status, name, type, code] of [
    [400, "invalid-request", "invalid_request_error", "invalid_request"],
    [400, "context-too-small", "invalid_request_error", "context_length_exceeded"],
    [401, "invalid-token", "invalid_request_error", "invalid_api_key"],
    [403, "origin-not-allowed", "permission_error", "origin_not_allowed"],
    [413, "content-too-large", "invalid_request_error", "request_too_large"],
    [422, "idempotency-key-reused", "invalid_request_error", "idempotency_key_reused"],
    [429, "too-many-subscribers", "rate_limit_error", "rate_limit_exceeded"],
    [503, "unavailable", "server_error", "unavailable"],
  ])
    assert.deepEqual(ofProblem(status, problem(name)).body, {
      error: { message: "what to do", type, param: null, code },
    });
  const stays = ofProblem(503, problem("auth-not-configured"));
  assert.equal(stays.headers["x-should-retry"], "false");
  const later = ofProblem(503, problem("unavailable"), { retryAfterMs: 1_200 });
  assert.equal(later.headers["retry-after"], "2");
  assert.equal(later.headers["x-should-retry"], undefined);
});

test("an error of the client is its problem; what nobody foresaw is ours", (t) => {
  const thrown = Object.assign(new Error("x"), { status: 404, problem: problem("not-found"), retryAfterMs: null });
  assert.equal(refusalOf(thrown).status, 404);
  assert.equal(refusalOf(thrown).code, "not_found");
  t.mock.method(console, "error", () => {});
  assert.equal(refusalOf(new TypeError("x")).status, 500);
});

test("how a workflow ended, where it has no answer", () => {
  assert.equal(ofEnd({ status: "complete" }), null);
  const failed = ofEnd({ status: "errored", error: { name: "AllSubtasksFailed", message: "every subtask failed" } });
  assert.equal(failed.status, 500);
  assert.equal(failed.code, "AllSubtasksFailed");
  assert.equal(failed.headers["x-should-retry"], "false");
  const ended = ofEnd({ status: "terminated" });
  assert.deepEqual([ended.status, ended.code], [400, "workflow_terminated"]);
  assert.equal(ofEnd({ status: "running" }).status, 503);
});

test("progress in words, and the same words whenever it is read again", () => {
  const tasks = [
    { id: "t1", title: "Oceans" },
    { id: "t2", title: "Moons" },
  ];
  const events = [
    { type: "attempt_started", step: "plan", number: 1 },
    { type: "plan_accepted", plan: { mode: "split", tasks } },
    { type: "attempt_started", step: "subtask/t1", number: 1 },
    { type: "attempt_completed", step: "plan" },
    { type: "attempt_errored", step: "subtask/t2", error: { name: "Timeout" }, retry_at: 1 },
    { type: "attempt_lost", step: "subtask/t2" },
    { type: "attempt_completed", step: "subtask/t2" },
    { type: "attempt_completed", step: "subtask/t1" },
    { type: "attempt_started", step: "edit/1", number: 1 },
    { type: "attempt_started", step: "review/1", number: 1 },
    { type: "attempt_started", step: "review/1", number: 2 },
    { type: "workflow_paused" },
    { type: "delta", step: "review/1" },
  ];
  const words = () => {
    const progress = new Progress();
    return events.map((event) => progress.words(event)).filter((line) => line !== null);
  };
  assert.deepEqual(words(), [
    "Planning.\n",
    "The plan has 2 parts:\n1. Oceans\n2. Moons\n",
    'The part "Moons": a call failed (Timeout) and is made again.\n',
    'The part "Moons": a call was lost with its host and is made again.\n',
    "Part 1 of 2 is done: Moons\n",
    "Part 2 of 2 is done: Oceans\n",
    "Editing: the parts become one answer.\n",
    "Reviewing the whole answer.\n",
    "Paused.\n",
  ]);
  assert.deepEqual(words(), words());
  assert.equal(
    new Progress().words({ type: "plan_accepted", plan: { mode: "direct", tasks: [] } }),
    "One call answers this best.\n",
  );
});

test("a body that is nested too deeply for us is refused, not an error of ours", async () => {
  const deep = JSON.parse(`{"x": ${"[".repeat(60_000)}${"]".repeat(60_000)}}`);
  await assert.rejects(hashOf("chat", deep), ({ status, code }) => status === 400 && code === "invalid_json");
});

test("half of a surrogate pair is no text that the core takes, wherever it stands", async () => {
  const body = { messages: [{ content: ["a\ud83d", { text: "\udc00b\u{1F600}" }] }], instructions: "\ud83d\ud83d" };
  const read = await readObject(new Request("http://x/", { method: "POST", body: JSON.stringify(body) }));
  assert.deepEqual(read, {
    messages: [{ content: ["a\ufffd", { text: "\ufffdb\u{1F600}" }] }],
    instructions: "\ufffd\ufffd",
  });
  const texts = [
    "\\ud83d",
    "\\ud83d\\ude00",
    "\\uDE00\\uD83D",
    "\\\\ud83d",
    "\\\\\\ud83d.",
    "\\u00e9\\ud8ffz",
    "\\ud83d\\\\",
  ];
  const values = ["\ufffd", "\u{1F600}", "\ufffd\ufffd", "\\ud83d", "\\\ufffd.", "\u00e9\ufffdz", "\ufffd\\"];
  for (const [at, text] of texts.entries())
    assert.deepEqual(parse(`{"${text}": "${text}"}`), { [values[at]]: values[at] }, text);
  for (const wrong of ['{"a": "\\ud8"}', '{"a": "\\ud8zz"}', '{"a": "\\'])
    assert.throws(() => parse(wrong), SyntaxError);
});

test("a field within one of ours is told as the caller's", () => {
  const places = { "options.output_schema": "response_format", metadata: "metadata", history: "messages" };
  const at = (field) => ofProblem(400, { ...problem("invalid-request"), field }, { places }).param;
  assert.equal(at("metadata.a"), "metadata");
  assert.equal(at("history[3].answer"), "messages");
  assert.equal(at("options.output_schema"), "response_format");
  assert.equal(at("metadatas"), null);
  assert.equal(at(undefined), null);
});

test("an answer is cut where its model stopped, not where a model was given too much", () => {
  const warned = (message, step = "synthesis") => isTruncated({ warnings: [{ step, reason: "truncated", message }] });
  assert.equal(warned("big stopped at its limit of tokens, so that the answer is incomplete: ..."), true);
  assert.equal(
    warned("big stopped at its limit of tokens, so that the answer is incomplete: ...", "subtask/t1"),
    false,
  );
  assert.equal(warned("what the step was given was cut to fit the context of big (1 tokens): ..."), false);
});
