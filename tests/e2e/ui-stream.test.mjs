// GET /workflows/ID/ui-message-stream as the AI SDK reads it: its transport, its strict schema of each part, and its
// reader that makes a message of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AbstractChat, DefaultChatTransport, readUIMessageStream } from "ai";
import { error, held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertDescribedAnswer, describedFetch } from "./support/described.mjs";
import { eventually } from "./support/eventually.mjs";
import { makeRandom } from "./support/random.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKEN = "0123456789abcdef-ui-stream";
const authorization = `Bearer ${TOKEN}`;
// The crash-test build notices within half a second, not 15, that a client has gone.
const buildDir = fileURLToPath(new URL("../../build/crash-test", import.meta.url));
const { api, emulator, url, ...worker } = await startWithOpenai({
  buildDir,
  token: TOKEN,
  vars: { API_TOKENS: `me:${TOKEN}` },
});

const ROUNDS = process.env.TEST_FULL ? 20 : 2;
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const chance = makeRandom(SEED);
/** Of src/runner/feed.rs. */
const SUBSCRIBERS_MAX = 100;

const at = (id, root = "/workflows") => `${url}${root}/${id}/ui-message-stream`;
const get = (id, init = {}) => describedFetch(at(id), { headers: { authorization }, ...init });

/** As useChat resumes. */
const transport = new DefaultChatTransport({
  headers: { authorization },
  prepareReconnectToStreamRequest: ({ id }) => ({ api: at(id) }),
});

/**
 * Reads the stream to its end: `{ states, message, errors }`, every state of the message, the last one, and what is
 * told as an error.
 */
async function read(id, seen = (_state) => {}) {
  const errors = [];
  const states = [];
  const stream = await transport.reconnectToStream({ chatId: id });
  for await (const state of readUIMessageStream({ stream, onError: (failure) => errors.push(failure.message) })) {
    states.push(state);
    seen(state);
  }
  return { states, message: states.at(-1), errors };
}

/** A chat as useChat has it, which shows one run. */
class Chat extends AbstractChat {
  constructor(id, changed) {
    const messages = [];
    const state = {
      messages,
      status: "ready",
      error: undefined,
      pushMessage: (message) => messages.push(message),
      popMessage: () => messages.pop(),
      replaceMessage(index, message) {
        messages[index] = message;
        changed(message);
      },
      snapshot: (value) => structuredClone(value),
    };
    super({ id, transport, state });
  }
}

const textOf = (message) => message.parts.filter(({ type }) => type === "text").map(({ text }) => text);
const data = (message, type) => message.parts.filter((part) => part.type === `data-${type}`).map(({ data }) => data);

/** The frames as they are written. */
async function frames(id) {
  const response = await get(id);
  const body = await response.text();
  assertDescribedAnswer("GET", response.url, response, body);
  return body.split("\n\n").filter((frame) => frame.startsWith("data: "));
}

test("a message with its plan, its subtasks and the answer, and the same again", { timeout: 20_000 }, async () => {
  const gate = makeGate();
  const words = "A long answer. ".repeat(40).trim();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", { id: "t2", depends_on: ["t1"] }]);
    if (call.kind === "merge") return held(gate, text(words, { pauseMs: 2 }));
  });
  const id = await api.submit(workflow.prompt());
  const done = new Set();
  const { states, message, errors } = await read(id, (state) => {
    for (const { id: task, state: stands } of data(state, "subtask")) if (stands === "complete") done.add(task);
    if (done.size === 2) gate.open();
  });
  assert.deepEqual(errors, []);
  assert.equal(message.id, id);
  assert.deepEqual(textOf(message), [words]);
  assert.ok(new Set(states.map((state) => textOf(state).join())).size > 3, "the text comes as it is written");
  assert.deepEqual(data(message, "workflow"), [{ id, status: "complete", run: 1 }]);
  assert.deepEqual(
    data(message, "subtask").map(({ id: task, state }) => [task, state]),
    [
      ["t1", "complete"],
      ["t2", "complete"],
    ],
  );
  assert.equal(data(message, "plan").length, 1);
  const again = await read(id);
  assert.deepEqual(textOf(again.message), [words], "whoever gets it again has it whole");
  assert.equal(again.message.id, id);
  const written = await frames(id);
  assert.deepEqual(written.at(-1), "data: [DONE]");
  assert.equal(written.at(-2), 'data: {"type":"finish","finishReason":"stop"}');
});

test("after kill -9 in mid answer the stream is got again, and the message has one text", {
  timeout: 40_000,
}, async () => {
  const words = Array.from({ length: 60 }, (_, n) => `word${n}`).join(" ");
  let calls = 0;
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.step === "subtask") return text(`Answer of ${call.task}.`);
    calls += 1;
    // The first attempt dies with the Worker: it writes the half of something else and stalls.
    return calls === 1 ? text("Something else ".repeat(20), { ending: "stall" }) : text(words);
  });
  const id = await api.submit(workflow.prompt());
  let crashed;
  const chat = new Chat(id, (message) => {
    if (textOf(message).join().length > 100) crashed ??= worker.crash();
  });
  await chat.resumeStream();
  assert.ok(crashed, "the text was seen");
  assert.equal(chat.status, "error", "the page is told that the connection broke");
  assert.match(textOf(chat.messages[0])[0], /^Something else/);
  await crashed;
  await chat.resumeStream();
  assert.deepEqual([chat.status, chat.error, chat.messages.length], ["ready", undefined, 1]);
  assert.deepEqual(textOf(chat.messages[0]), [words], "nothing of the attempt that died is left");
  assert.equal(data(chat.messages[0], "subtask").length, 2);
});

for (let round = 1; round <= ROUNDS; round++)
  test(`kill -9 at a random moment: no message mixes two attempts (${round}, CHAOS_SEED=${SEED})`, {
    timeout: 60_000,
  }, async () => {
    const written = [];
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return plan(["t1", "t2"]);
      if (call.step === "subtask") return text(`Answer of ${call.task}.`);
      written.push(Array.from({ length: 60 }, (_, n) => `word${n}of${written.length}`).join(" "));
      return text(written.at(-1), { pauseMs: 5 });
    });
    const id = await api.submit(workflow.prompt());
    const mixtures = [];
    let left = chance.whole(1, 40);
    let crashed;
    const chat = new Chat(id, (message) => {
      const shown = textOf(message).join("|");
      if (shown !== "" && !written.some((whole) => whole.startsWith(shown))) mixtures.push(shown);
      left -= 1;
      if (left === 0) crashed = worker.crash();
    });
    // As a page does that is told of an error: it gets the stream again.
    await eventually("the message is whole", async () => {
      await crashed;
      await chat.resumeStream();
      return chat.status === "ready";
    });
    await crashed;
    const { output } = await api.reach(id, "complete");
    assert.deepEqual([textOf(chat.messages[0]), chat.messages.length], [[output.finalResult], 1]);
    assert.ok(written.includes(output.finalResult));
    assert.deepEqual(mixtures, []);
  });

test("text whose attempt died is said to be none", { timeout: 20_000 }, async () => {
  let calls = 0;
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["t1", "t2"]);
    if (call.step === "subtask") return text(`Answer of ${call.task}.`);
    calls += 1;
    const first = text("This will not stand. ".repeat(10), { ending: "cut", pauseMs: 20 });
    return calls === 1 ? first : held(gate, text("But this."));
  });
  const id = await api.submit(workflow.prompt());
  const chat = new Chat(id, (message) => {
    if (textOf(message).join().length > 20) gate.open();
  });
  await chat.resumeStream();
  assert.equal(chat.status, "error");
  assert.match(chat.error.message, /^stream_restarted: /);
  await chat.resumeStream();
  assert.deepEqual([chat.status, textOf(chat.messages[0])], ["ready", ["But this."]]);
});

test("an errored workflow is an error, a terminated one an abort", { timeout: 20_000 }, async () => {
  const failing = emulator.workflow(() => error(404, { error: { message: "no such model" } }));
  const errored = await api.submit(failing.prompt());
  const { errors, message } = await read(errored);
  assert.match(errors[0], /^ModelNotFound: .*no such model/);
  assert.equal(data(message, "workflow")[0].status, "errored");
  assert.match((await frames(errored)).join("\n"), /"type":"error".*\n.*"finishReason":"error".*\n.*\[DONE\]/);

  const hanging = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : { kind: "hang" }));
  const id = await api.submit(hanging.prompt());
  let asked;
  const terminated = await read(id, (state) => {
    if (data(state, "subtask")[0]?.state === "running") asked ??= api.post(`/${id}/terminate`);
  });
  assert.equal((await asked).status, 200);
  assert.equal(data(terminated.message, "workflow")[0].status, "terminated");
  assert.deepEqual((await frames(id)).slice(-2), ['data: {"type":"abort","reason":"terminated"}', "data: [DONE]"]);
});

test("who may not see it, what is not there and what is no id", { timeout: 20_000 }, async () => {
  const id = await api.submit(emulator.workflow().prompt());
  const head = await get(id, { method: "HEAD" });
  assert.deepEqual(
    ["content-type", "x-vercel-ai-ui-message-stream", "cache-control"].map((name) => head.headers.get(name)),
    ["text/event-stream", "v1", "no-store"],
  );
  assert.equal((await describedFetch(at(id, ""), { headers: { authorization } })).status, 200, "without /workflows");
  const refused = async (address, init, status, type) => {
    const response = await describedFetch(address, init);
    const problem = await response.json();
    assert.deepEqual([response.status, problem.type], [status, `urn:orchestrator-workers:problem:${type}`], address);
    return response;
  };
  const headers = { authorization };
  await refused(at(id), {}, 401, "invalid-token");
  await refused(at("nowhere"), { headers }, 404, "not-found");
  await refused(at("health", ""), { headers }, 404, "not-found");
  await refused(`${url}/workflows/ui-message-stream`, { headers }, 404, "not-found");
  const { headers: told } = await refused(at(id), { method: "POST", headers }, 405, "method-not-allowed");
  assert.equal(told.get("allow"), "GET, HEAD");
});

test("pages that have left make room for others", { timeout: 30_000 }, async () => {
  const hanging = emulator.workflow((call) => (call.step === "plan" ? plan(["t1", "t2"]) : { kind: "hang" }));
  const id = await api.submit(hanging.prompt());
  const controller = new AbortController();
  const opened = await Promise.all(
    Array.from({ length: SUBSCRIBERS_MAX }, () => get(id, { signal: controller.signal })),
  );
  assert.ok(opened.every(({ status }) => status === 200));
  const refused = await get(id);
  assert.deepEqual(
    [refused.status, (await refused.json()).type],
    [429, "urn:orchestrator-workers:problem:too-many-subscribers"],
  );
  assert.match(refused.headers.get("retry-after"), /^[1-9]/);
  controller.abort();
  await eventually("there is room again", async () => {
    const { status, body } = await get(id);
    await body.cancel();
    return status === 200;
  });
});
