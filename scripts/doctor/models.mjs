// The model servers that the variables name: whether they answer, whether they have the models, and how fast.

import { mend, note, ok } from "./result.mjs";

const OLLAMA_URL = "http://127.0.0.1:11434/v1";
const OPENAI_URL = "https://api.openai.com/v1";
const FALLBACK_MODEL = "llama3.2:3b";
const CALL_MS_MAX = 120_000;
const CALL_TOKENS_MAX = 16;
const PROVIDERS = ["workers-ai", "openai", "ollama", "demo"];

/** The models of both lists: `{ provider, name }`, each once. */
export function modelsOf(variables) {
  const provider = variables.MODEL_PROVIDER;
  const entries = [variables.BIG_MODEL, variables.SMALL_MODEL].flatMap((list) => (list ?? "").split(","));
  const models = entries
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const prefix = PROVIDERS.find((one) => entry.startsWith(`${one}:`));
      return { provider: prefix ?? provider, name: prefix ? entry.slice(prefix.length + 1) : entry };
    });
  return models.filter((one, index) => models.findIndex((other) => same(one, other)) === index);
}

const same = (a, b) => a.provider === b.provider && a.name === b.name;

/** `{ results, calls }`: what there is, and the calls that would try each model. */
export async function models(variables, web) {
  const listed = modelsOf(variables);
  const uses = (provider) =>
    variables.MODEL_PROVIDER === provider || listed.some((model) => model.provider === provider);
  const named = (provider) => listed.filter((model) => model.provider === provider).map(({ name }) => name);
  const parts = [
    await ollama(variables, uses("ollama"), named("ollama"), web),
    ...(uses("openai") ? [await openai(variables, named("openai"), web)] : []),
  ];
  const provider = variables.MODEL_PROVIDER;
  const chosen = provider
    ? ok("provider", provider)
    : note("provider", "MODEL_PROVIDER is not set: the demo answers, which calls no model", "set MODEL_PROVIDER");
  return { results: [chosen, ...parts.flatMap(({ results }) => results)], calls: parts.flatMap(({ calls }) => calls) };
}

async function ollama(variables, isUsed, named, web) {
  const base = trimmed(variables.OLLAMA_BASE_URL ?? OLLAMA_URL);
  const answer = await web.ask(`${base.replace(/\/v1$/, "")}/api/tags`);
  const there = answer.json?.models?.map(({ name }) => name);
  if (!there) {
    const found = `does not answer on ${base}${answer.failure ? ` (${answer.failure})` : ""}`;
    return { calls: [], results: isUsed ? [mend("Ollama", found, "ollama serve")] : [note("Ollama", found)] };
  }
  if (there.length === 0) {
    const result = isUsed ? mend : note;
    return { calls: [], results: [result("Ollama", "has no model", `ollama pull ${FALLBACK_MODEL}`)] };
  }
  const found = ok("Ollama", `${base}: ${there.join(", ")}`);
  if (!isUsed) return { calls: [], results: [{ ...found, state: /** @type {const} */ ("note") }] };
  const has = (name) => there.includes(name) || there.includes(`${name}:latest`);
  const missing = named.filter((name) => !has(name));
  const calls = (named.length > 0 ? named.filter(has) : there.slice(0, 1)).map((name) => ({ base, name, key: null }));
  return {
    calls,
    results: [found, ...missing.map((name) => mend("model", `${name} is not there`, `ollama pull ${name}`))],
  };
}

async function openai(variables, named, web) {
  const base = trimmed(variables.OPENAI_BASE_URL ?? OPENAI_URL);
  const key = variables.OPENAI_API_KEY ?? null;
  const results =
    named.length > 0 ? [] : [mend("models", "openai has none by itself", "set BIG_MODEL and SMALL_MODEL")];
  const calls = named.map((name) => ({ base, name, key }));
  if (!key && base === OPENAI_URL)
    return { calls: [], results: [...results, mend("OpenAI", "OPENAI_API_KEY is not set", "set OPENAI_API_KEY")] };
  const answer = await web.ask(`${base}/models`, { headers: headersFor(key) });
  if (answer.failure)
    return {
      calls: [],
      results: [
        ...results,
        mend("OpenAI", `${base} does not answer (${answer.failure})`, "start it, or correct OPENAI_BASE_URL"),
      ],
    };
  if (answer.status === 401 || answer.status === 403)
    return {
      calls: [],
      results: [...results, mend("OpenAI", `${base} refuses the key (${answer.status})`, "set a valid OPENAI_API_KEY")],
    };
  const there = answer.json?.data?.map(({ id }) => id);
  if (!there)
    return { calls, results: [...results, note("OpenAI", `${base} answers, but lists no models (${answer.status})`)] };
  const missing = named.filter((name) => !there.includes(name));
  return {
    calls,
    results: [
      ...results,
      ok("OpenAI", `${base} answers and lists ${there.length} models`),
      ...missing.map((name) =>
        mend("model", `${name} is not in the list of ${base}`, "correct BIG_MODEL or SMALL_MODEL"),
      ),
    ],
  };
}

/** What the calls would cost, as a question. */
export const questionFor = (calls) =>
  `Call ${calls.map(({ name }) => name).join(", ")}, once each? That takes about 20 tokens in and at most ` +
  `${CALL_TOKENS_MAX} out per call, which costs far less than a cent at any listed price. [y/N] `;

/** One tiny call, and the time to its first token. */
export async function call({ base, name, key }, web) {
  // OpenAI's newer models know the one name of the limit, most other servers the other.
  const limits =
    base === OPENAI_URL ? ["max_completion_tokens", "max_tokens"] : ["max_tokens", "max_completion_tokens"];
  let last = "";
  for (const limit of limits) {
    const began = Date.now();
    let firstMs = null;
    const body = {
      model: name,
      stream: true,
      [limit]: CALL_TOKENS_MAX,
      messages: [{ role: "user", content: "Say: ready" }],
    };
    const init = { method: "POST", headers: headersFor(key), body: JSON.stringify(body) };
    const answer = await web.stream(
      `${base}/chat/completions`,
      init,
      (text) => {
        if (/^data:\s*\{/m.test(text)) firstMs ??= Date.now() - began;
        return false;
      },
      CALL_MS_MAX,
    );
    if (answer.failure) return mend("model", `${name}: ${answer.failure}`, "look at the log of its server");
    if (answer.status === 200 && firstMs !== null)
      return ok(
        "model",
        `${name} answers: first token after ${seconds(firstMs)}, all after ${seconds(Date.now() - began)}`,
      );
    last = `${answer.status}: ${answer.json?.error?.message ?? answer.text.slice(0, 200)}`;
    if (answer.status !== 400) break;
  }
  return mend("model", `${name} refuses (${last})`, "correct the model's name or its key");
}

const headersFor = (key) => ({
  "content-type": "application/json",
  ...(key ? { authorization: `Bearer ${key}` } : {}),
});
const trimmed = (url) => url.replace(/\/+$/, "");
export const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
