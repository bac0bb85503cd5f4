// kill -9 while OpenAI's SDK reads a response: it resumes by `starting_after` and has the rest, or it is told that its
// text does not stand. Nobody ever has a mixture of two attempts.

import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { contract, editor, partOf } from "./emulators/answers.mjs";
import { held, makeGate, plan, text } from "./emulators/scripts.mjs";
import { assertEvents } from "./support/open-responses.mjs";
import { all, textOf } from "./support/responses.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const ROUNDS = process.env.TEST_FULL ? 20 : 2;
const DIRECT = { model: "orchestrator-direct" };
const LONG = "one two three four five six seven eight nine ten ".repeat(6).trim();

const worker = await startWithOpenai({ platform: true });
const { url, emulator } = worker;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });

test("killed in mid fan-out, a client resumes where it was", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["quick", "slow"]);
    return call.step === "subtask" && call.task === "slow" ? held(gate, text("Answer of slow.")) : undefined;
  });
  const stream = await client.responses.create({
    model: "orchestrator",
    input: workflow.prompt(),
    stream: true,
    background: true,
  });
  const before = [];
  const broken = async () => {
    for await (const event of stream) {
      before.push(event);
      if (/Part 1 of 2/.test(event.delta)) await worker.crash();
    }
  };
  await assert.rejects(broken);
  gate.open();
  const { id } = before[0].response;
  const after = await all(
    await client.responses.retrieve(id, { stream: true, starting_after: before.at(-1).sequence_number }),
  );
  assertEvents([...before, ...after]);
  assert.equal(textOf([...before, ...after]), after.at(-1).response.output.at(-1).content[0].text);
  const replay = await all(await client.responses.retrieve(id, { stream: true }));
  const others = (events) => events.filter(({ type }) => type !== "response.output_text.delta");
  assert.deepEqual(others([...before, ...after]), others(replay), "live, after the crash, and again: the same numbers");
  assert.equal(workflow.count("subtask", "quick"), 1);
});

test("whose object is ended in mid fan-out, a client that reads on has it go on", async () => {
  const gate = makeGate();
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return plan(["quick", "slow"]);
    return call.step === "subtask" && call.task === "slow" ? held(gate, text("Answer of slow.")) : undefined;
  });
  const stream = await client.responses.create({ model: "orchestrator", input: workflow.prompt(), stream: true });
  const events = [];
  for await (const event of stream) {
    events.push(event);
    if (!/Part 1 of 2/.test(event.delta)) continue;
    await worker.reset();
    gate.open();
  }
  assertEvents(events);
  assert.equal(events.at(-1).type, "response.completed");
  const replay = await all(await client.responses.retrieve(events[0].response.id, { stream: true }));
  assert.equal(textOf(events), textOf(replay));
  assert.deepEqual(events.at(-1), replay.at(-1));
});

test("killed in mid answer, a client is told that its text does not stand, and gets the whole", async () => {
  const workflow = emulator.workflow((call) =>
    call.number === 1 ? text(`First try. ${LONG}`, { pauseMs: 15 }) : text(`Second try. ${LONG}`),
  );
  const stream = await client.responses.create({ ...DIRECT, input: workflow.prompt(), stream: true, background: true });
  const before = [];
  const broken = async () => {
    for await (const event of stream) {
      before.push(event);
      if (/First try/.test(textOf(before))) await worker.crash();
    }
  };
  await assert.rejects(broken);
  const { id } = before[0].response;
  const resumed = await client.responses.retrieve(id, {
    stream: true,
    starting_after: before.at(-1).sequence_number,
  });
  const rest = [];
  const told = async () => {
    for await (const event of resumed) rest.push(event);
  };
  await assert.rejects(told, (thrown) => thrown instanceof OpenAI.APIError && thrown.code === "stream_restarted");
  assert.equal(textOf(rest), "", "nothing of another attempt");
  const again = await all(await client.responses.retrieve(id, { stream: true }));
  assertEvents(again);
  assert.equal(textOf(again), `Second try. ${LONG}`);
});

test("left or killed at a random moment, 20 rounds: one run, and never a mixture", async (t) => {
  let restarted = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const isAssembled = round % 2 === 1;
    const workflow = emulator.workflow((call) => {
      if (call.step === "plan") return contract(["t1", "t2"]);
      if (call.step === "subtask") return text(partOf(call.task, 60), { pauseMs: 1 });
      const lead = `Try ${call.number}. `.repeat(20);
      if (call.kind === "edit") return editor(call, { lead }, { pauseMs: 4 });
      return text(`${lead}${LONG}`, { pauseMs: 4 });
    });
    const model = isAssembled ? "orchestrator" : "orchestrator-direct";
    const input = workflow.prompt(`Round ${round}.`);
    let has = [];
    let stream = await client.responses.create({ model, input, stream: true, background: true });
    const moment = 3 + Math.floor(Math.random() * 25);
    let kills = 0;
    for (;;) {
      try {
        for await (const event of stream) {
          has.push(event);
          if (kills === 0 && has.length === moment) {
            kills += 1;
            if (round % 3 === 2) break;
            await worker.crash();
          }
        }
        if (/completed$/.test(has.at(-1).type)) break;
      } catch (thrown) {
        if (thrown.code === "stream_restarted") {
          restarted += 1;
          stream = await client.responses.retrieve(has[0].response.id, { stream: true });
          has = [];
          continue;
        }
        assert.ok(!(thrown instanceof OpenAI.APIError) || thrown instanceof OpenAI.APIConnectionError, thrown);
      }
      stream = await client.responses.retrieve(has[0].response.id, {
        stream: true,
        starting_after: has.at(-1).sequence_number,
      });
    }
    assertEvents(has);
    const { output, id } = has.at(-1).response;
    assert.equal(textOf(has), output.at(-1).content[0].text, `round ${round}`);
    assert.equal(new Set(textOf(has).match(/Try \d/g)).size, 1, `round ${round}: ${textOf(has)}`);
    assert.deepEqual(
      has.at(-1).response,
      (await all(await client.responses.retrieve(id, { stream: true }))).at(-1).response,
    );
    assert.ok(workflow.count("plan") <= 2);
  }
  t.diagnostic(`figure: ${restarted} of ${ROUNDS} clients were told that their text does not stand`);
});
