// A client that goes away at a random moment, and a server that is killed in mid answer: the run completes once, the
// repeated request has the whole answer, and nobody ever holds words of two attempts. In every fourth round only the
// run's object dies, so that the connection lives on. TEST_FULL=1: 20 rounds with kill -9.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, direct } from "./emulators/answers.mjs";
import { partsOf, text } from "./emulators/scripts.mjs";
import { theRunOf } from "./support/chat.mjs";
import { journalOf } from "./support/events.mjs";
import { makeRandom } from "./support/random.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const ROUNDS = process.env.TEST_FULL ? 27 : 4;
const SEED = Number(process.env.CHAOS_SEED ?? 1);
const REPETITIONS_MAX = 20;
/** Of an answer, by one attempt. Each names its attempt, so that a mixture can be seen. */
const WORDS = 60;

const { api, emulator, ...worker } = await startWithOpenai({ platform: true });
const random = makeRandom(SEED);

/** A run of one call, or of parts; whoever writes the answer names the attempt in each word. */
function scripted(kind) {
  let attempts = 0;
  const words = () => {
    attempts += 1;
    return Array.from({ length: WORDS }, (_, index) => `a${attempts}w${index}`).join(" ");
  };
  return emulator.workflow((call) => {
    if (call.step === "plan") return kind === "direct" ? direct() : contract(["t1", "t2"], { form: kind });
    if (call.step === "subtask") return text(`Part ${call.task}.`, { pauseMs: 5 });
    if (call.kind === "edit") {
      const includes = partsOf(call).map((id) => `@include ${id}`);
      return text(["@answer", words(), ...includes].join("\n\n"), { pauseMs: 8 });
    }
    return text(words(), { pauseMs: 8 });
  });
}

/** Which attempts wrote this. */
const attemptsOf = (content) => new Set([...content.matchAll(/a(\d+)w/g)].map(([, attempt]) => attempt));

/**
 * Reads a stream of the same request until it ends, breaks off, or `leaves` says so, which is asked with each chunk.
 * `{ content, end }`, where `end` is `done`, `left`, `broken` or the code of an error.
 */
async function attend(body, repetition, leaves = () => false) {
  let content = "";
  let end = "broken";
  const abort = new AbortController();
  try {
    const response = await fetch(`${worker.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-stainless-retry-count": String(repetition) },
      body: JSON.stringify(body),
      signal: abort.signal,
    });
    if (!response.ok) return { content, end: (await response.json()).error.code };
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body) {
      rest += decoder.decode(bytes, { stream: true });
      const frames = rest.split("\n\n");
      rest = frames.pop();
      for (const frame of frames) {
        if (!frame.startsWith("data: ")) continue;
        if (frame === "data: [DONE]") return { content, end: "done" };
        const told = JSON.parse(frame.slice(6));
        if (told.error) return { content, end: told.error.code };
        content += told.choices[0]?.delta.content ?? "";
        if (await leaves(content)) {
          end = "left";
          abort.abort();
        }
      }
    }
    return { content, end };
  } catch {
    return { content, end };
  }
}

test(`${ROUNDS} rounds: who leaves or is cut off gets the whole answer by asking again`, {
  timeout: 600_000,
}, async (t) => {
  const ends = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    const kind = ["direct", "merge", "assemble"][round % 3];
    const workflow = scripted(kind);
    const model = kind === "direct" ? "orchestrator-direct" : "orchestrator";
    const body = { model, stream: true, messages: [{ role: "user", content: workflow.prompt(`Round ${round}.`) }] };
    // The first has words of the answer when it is cut off, the second may be anywhere.
    const least = random.whole(0, 250);
    let killed = false;
    const held = [];
    held.push(
      await attend(body, 0, async (content) => {
        if (content.length <= least || killed) return false;
        killed = true;
        await (round % 4 === 3 ? worker.reset() : worker.crash());
        return false;
      }),
    );
    let seen = 0;
    const leavesAt = random.whole(0, 11);
    held.push(await attend(body, 1, () => seen++ >= leavesAt));
    for (let repetition = 2; held.at(-1).end !== "done"; repetition += 1) {
      assert.ok(repetition < REPETITIONS_MAX, JSON.stringify(held.map(({ end }) => end)));
      held.push(await attend(body, repetition));
    }
    assert.ok(killed, "the first stream had as much of the answer");
    const { id } = await theRunOf(api, workflow);
    const { status, output } = await api.status(id);
    assert.equal(status, "complete");
    assert.equal(held.at(-1).content, output.finalResult);
    for (const { content, end } of held) {
      assert.ok(attemptsOf(content).size <= 1, `a mixture: ${content}`);
      ends[end] = (ends[end] ?? 0) + 1;
    }
    const journal = await journalOf(api, id);
    const count = (type) => journal.filter((event) => event.type === type);
    assert.equal(count("workflow_completed").length, 1);
    const completed = count("attempt_completed").map(({ step }) => step);
    assert.equal(new Set(completed).size, completed.length, "no step's call was kept twice");
  }
  t.diagnostic(
    `figure: chat completions, ${ROUNDS} rounds with a crash: how the streams ended ${JSON.stringify(ends)}`,
  );
});
