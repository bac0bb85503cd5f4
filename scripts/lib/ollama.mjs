// Ollama: one on this machine that nobody has asked for yet, and how fast the one is that answers.

import { isDemo, listed } from "./models.mjs";

const TAGS = "http://127.0.0.1:11434/api/tags";
const ANSWER_MS_MAX = 500;

/**
 * A line that says so and how to use it, for `command`; null where there is none, or none with a model, and where
 * somebody else is chosen. `variables`: those of the Worker that the reader gives.
 */
export async function ollamaHint(command, variables, url = TAGS) {
  if (variables.MODEL_PROVIDER || !isDemo(variables)) return null;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const [first] = chatModels(/** @type {any} */ (await response.json()));
    return first ? `Ollama here has ${first}: MODEL_PROVIDER=ollama ${command}` : null;
  } catch {
    return null;
  }
}

const BASE_URL = "http://127.0.0.1:11434";
/** A large model may have to be read from the disk first. */
const MEASURE_MS_MAX = 300_000;
const TOKENS = 32;
/** What the Worker asks for grows by such steps (src/providers/ollama.rs), and another size has Ollama load anew. */
const NUM_CTX_STEP = 8_192;
/** Of a plan, where the request is a short one: a run's first call, unless it is `direct`. */
const PROMPT_TOKENS = 2_304;
const PLAN_MAX_TOKENS = 4_096;
/** Where it reads faster than can be told, as it had the prompt at hand: no faster than this, by its writing. */
const READS_FASTER = 10;
/** Of a report of five parts: the plan, five calls of about 1,000 tokens, and the text that is made of them. */
const REPORT = { parts: "five", read: 17_000, written: 8_000 };
/** Long enough for its reading to be measured. */
const PROMPT = `Count from one in words, and nothing else.${" One, two, three, four, five, six, seven.".repeat(20)}`;

/** Whether Ollama answers for the big model, before all others. */
export const isMeasured = (variables) => firstOf(variables).provider === "ollama";

const firstOf = (variables) => listed(variables, "BIG_MODEL")[0];

/**
 * How fast the model of `ollama` is on its machine, by one tiny call: `{ model, writes, reads }` in tokens a second.
 * `variables`: those of the Worker. It throws where there is no such model, or no answer in time.
 */
export async function measure(variables, signal, timeoutMs = MEASURE_MS_MAX) {
  const base = (variables.OLLAMA_BASE_URL || BASE_URL).replace(/\/+$/, "").replace(/\/v1$/, "");
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const ask = async (path, body) => {
    const init = body ? { method: "POST", body: JSON.stringify(body), headers: JSON_TYPE } : {};
    const response = await fetch(base + path, { ...init, signal: within });
    const answer = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(answer?.error ?? `it answers ${response.status}`);
    return answer;
  };
  const model = firstOf(variables).name || chatModels(await ask("/api/tags"))[0];
  if (!model) throw new Error("it has no model");
  const context = contextIn(await ask("/api/show", { model }));
  const wanted = PROMPT_TOKENS + Number(variables.PLAN_MAX_TOKENS || PLAN_MAX_TOKENS);
  const bounds = [context, Number(variables.BIG_MODEL_CONTEXT_TOKENS)].filter((bound) => bound > 0);
  const { eval_count, eval_duration, prompt_eval_count, prompt_eval_duration } = await ask("/api/chat", {
    model,
    messages: [{ role: "user", content: PROMPT }],
    stream: false,
    truncate: false,
    shift: false,
    options: { num_ctx: Math.min(Math.ceil(wanted / NUM_CTX_STEP) * NUM_CTX_STEP, ...bounds), num_predict: TOKENS },
  });
  const writes = perSecond(eval_count, eval_duration);
  if (writes === null) throw new Error("it does not say how long it took");
  return { model, writes, reads: perSecond(prompt_eval_count, prompt_eval_duration) ?? writes * READS_FASTER };
}

/** Of what `POST /api/show` tells of a model: its context in tokens, or undefined. */
export const contextIn = (shown) =>
  Object.entries(shown?.model_info ?? {}).find(([key]) => key.endsWith(".context_length"))?.[1];

/** What that means for whoever waits for an answer. */
export function speedWords({ model, writes, reads }) {
  const minutes = Math.max(1, Math.round((REPORT.read / reads + REPORT.written / writes) / 60));
  const speed = writes < 10 ? writes.toFixed(1) : Math.round(writes);
  const time = minutes === 1 ? "a minute" : `${minutes} minutes`;
  return `${model} writes ${speed} tokens a second here: a report of ${REPORT.parts} parts takes about ${time}`;
}

const JSON_TYPE = { "content-type": "application/json" };

const chatModels = ({ models }) => models.map(({ name }) => name).filter((name) => !/embed/.test(name));

/** Durations are in nanoseconds. */
const perSecond = (count, duration) => (count > 0 && duration > 0 ? count / (duration / 1e9) : null);
