// What is measured is what is sent: contexts from 2,000 to 250,000 tokens, texts of many scripts, 1 to 50 subtasks with
// answers of all lengths, against a model service that counts with a real tokenizer and refuses a token too many.
//
// A request is never refused for its size, and no run ends in an error: what can't be done is a 400 at submission.
// CONTEXTS_CASES: how many per context (a few for `npm test`; more also means all contexts). CONTEXTS_SEED: repeats
// them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenizers } from "../../scripts/setup/tokenizers.mjs";
import { fewCounters } from "../../scripts/tokens/counters.mjs";
import { GENERATED } from "../../scripts/tokens/generated.mjs";
import { ENGLISH, LANGUAGES } from "../../scripts/tokens/languages.mjs";
import { contract, editor } from "./emulators/answers.mjs";
import { Context } from "./emulators/context.mjs";
import { plan, tasksOf, text } from "./emulators/scripts.mjs";
import { makeRandom } from "./support/random.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const CASES_SHORT = 6;
const CASES = Number(process.env.CONTEXTS_CASES ?? CASES_SHORT);
const SEED = Number(process.env.CONTEXTS_SEED ?? 20_261_126);
/** Context and the tokenizer of its model. Llama 2's takes seconds for a large text. */
const CONTEXTS = [
  [2_000, "llama2", true],
  [3_000, "cl100k"],
  [4_096, "llama2"],
  [8_192, "llama3", true],
  [16_384, "llama2"],
  [24_000, "llama3", true],
  [32_768, "cl100k"],
  [65_536, "o200k"],
  [131_072, "cl100k"],
  [250_000, "o200k", true],
];
/** What a submission takes (docs/api.md, Limits), less the marker of the workflow. */
const PROMPT_BYTES_MAX = 130_000;
/** Of what went wrong. */
const SHOWN = 12;
/** A run of 50 subtasks and several rounds of reductions. */
const RUN_WITHIN_MS = 120_000;
/** Prompts up to this part of a context of at least 8,000 tokens must be accepted, whatever their script. */
const ACCEPTED_PART = 0.1;

const TEXTS = [
  ...Object.entries(ENGLISH),
  ...Object.entries(LANGUAGES),
  ...["base64", "hex", "json", "log", "emoji_sequences", "numbers_spaced", "printable_random", "indentation"].flatMap(
    (name) => Object.values(GENERATED).flatMap((texts) => Object.entries(texts).filter(([other]) => other === name)),
  ),
];

const counters = await countersOrNull();

for (const [tokens, tokenizer, short] of CONTEXTS) {
  if (!short && CASES <= CASES_SHORT) continue;
  test(`a context of ${tokens} tokens, counted as ${tokenizer} does (CONTEXTS_SEED=${SEED})`, {
    skip: counters === null && "the tokenizers can't be installed here",
    timeout: 60_000 + CASES * RUN_WITHIN_MS,
  }, async (t) => {
    const context = new Context({ tokens, count: counters[tokenizer] });
    const size = String(tokens);
    const { api, emulator } = await startWithOpenai({
      emulator: { context },
      vars: { BIG_MODEL_CONTEXT_TOKENS: size, SMALL_MODEL_CONTEXT_TOKENS: size },
    });
    const random = makeRandom(SEED + tokens);
    const cases = Array.from({ length: CASES }, (_, number) => makeCase(random, context, number));
    const outcomes = [];
    // A few at once: the emulator counts in this process, and its answers must not wait for the others' counts.
    for (let at = 0; at < cases.length; at += 4)
      outcomes.push(...(await Promise.all(cases.slice(at, at + 4).map((each) => run(api, emulator, context, each)))));
    const ends = outcomes.filter(({ wrong }) => wrong).map((outcome) => JSON.stringify(outcome));
    assert.deepEqual(
      { refused: context.refused.slice(0, SHOWN), ends: ends.slice(0, SHOWN) },
      { refused: [], ends: [] },
      `${context.refused.length} requests were refused as too long, ${ends.length} runs ended otherwise than right`,
    );
    const count = (status) => outcomes.filter((outcome) => outcome.status === status).length;
    t.diagnostic(`figure: context ${tokens}: ${count("complete")} complete, ${count("refused")} refused at submission`);
  });
}

/** Prompts of a small and of a large part of the context, and beyond; the first ones are what must be accepted. */
function makeCase(random, context, number) {
  const [name, sample] = random.oneOf(TEXTS);
  const [, answer] = random.chance(0.5) ? [name, sample] : random.oneOf(TEXTS);
  const part = number < 3 ? ACCEPTED_PART / 2 : random.oneOf([0.1, 0.3, 0.5, 0.7, 0.9, 1.3]);
  const subtasks = random.oneOf([1, 2, 3, 5, 12, 50]);
  return {
    name,
    prompt: repeated(sample, Math.floor(context.tokens * part), context),
    part,
    subtasks,
    planned: random.chance(0.5),
    assembled: random.chance(0.5),
    chained: random.chance(0.3),
    instructions: repeated(sample, random.oneOf([0, 20, Math.min(150, Math.floor(context.tokens / 50))]), context),
    answers: Array.from({ length: subtasks }, () => repeated(answer, random.oneOf([5, 200, 1_500, 5_000]), context)),
  };
}

/** `sample` again and again, up to `tokens`. */
function repeated(sample, tokens, { count }) {
  const times = Math.ceil(tokens / count(sample));
  const long = sample.repeat(Math.max(times, 1));
  const bytes = Buffer.byteLength(long);
  const part = Math.min(tokens / (count(sample) * Math.max(times, 1)), PROMPT_BYTES_MAX / bytes, 1);
  // Not through a pair of surrogates.
  return Array.from(long)
    .slice(0, Math.floor(Array.from(long).length * part))
    .join("");
}

async function run(api, emulator, context, one) {
  const tasks = tasksOf(
    one.answers.map((_, index) => ({
      id: `t${index + 1}`,
      title: `Part ${index + 1}`,
      instructions: `Do part ${index + 1}. ${one.instructions}`.trim(),
      depends_on: one.chained && index > 0 ? [`t${index}`] : [],
    })),
  );
  const workflow = emulator.workflow((call) => {
    if (call.step === "plan") return one.assembled ? contract(tasks) : plan(tasks);
    const written = writtenBy(call, one);
    const { text: reply, finish } = context.reply(call, written ?? "An answer.");
    return text(reply, { pieces: [reply], finish });
  });
  const described = {
    text: one.name,
    part: one.part,
    subtasks: one.subtasks,
    planned: one.planned,
    form: one.assembled,
  };
  const answer = await api.post("/", {
    prompt: workflow.prompt(one.prompt),
    ...(one.planned ? {} : { tasks, form: one.assembled ? "assemble" : "merge" }),
    options: { max_subtasks: 50 },
  });
  if (answer.status === 400) {
    const wrong = context.tokens >= 8_000 && one.part < ACCEPTED_PART && "refused although it is small";
    return { ...described, status: "refused", wrong, detail: wrong && answer.json.detail };
  }
  assert.equal(answer.status, 202, answer.text);
  const { status, error } = await ended(api, answer.json.id);
  return { ...described, status, wrong: status !== "complete" && `${error?.name}: ${error?.message}` };
}

function writtenBy(call, one) {
  if (call.step === "subtask") return one.answers[Number(call.task?.slice(1)) - 1];
  return call.kind === "edit" ? editor(call).text : "What all of them say. ";
}

async function ended(api, id) {
  const deadline = Date.now() + RUN_WITHIN_MS;
  for (;;) {
    const answer = await api.get(`/${id}?simple=true`, { prefer: "wait=20" });
    const { status } = answer.json;
    if (["complete", "errored", "terminated"].includes(status.status)) return status;
    assert.ok(Date.now() < deadline, `${id} is still ${status.status}`);
  }
}

/** Null where they are neither installed nor to be had. In CI that is an error. */
async function countersOrNull() {
  try {
    return await fewCounters(await tokenizers());
  } catch (error) {
    if (process.env.CI) throw error;
    console.error(`NO TOKENIZERS: the contexts are left out. ${error.message}`);
    return null;
  }
}
