// The model servers that the variables name: whether they answer, whether they have the models, and how fast.

import { quoted } from "../lib/command.mjs";
import { demoWords, isDemo, modelsOf, PROVIDERS, providersOf, serversOf } from "../lib/models.mjs";
import { contextIn as contextInShow } from "../lib/ollama.mjs";
import { shownUrl } from "../lib/urls.mjs";
import { contextIn, contextOf } from "./contexts.mjs";
import { mend, note, ok } from "./result.mjs";

const OLLAMA_URL = "http://127.0.0.1:11434";
const OPENAI_URL = "https://api.openai.com/v1";
const FALLBACK_MODEL = "llama3.2:3b";
const CALL_MS_MAX = 120_000;
const CALL_TOKENS_MAX = 16;
const MENDS_VARIABLE = /^(set|start it, or correct) /;

/**
 * `{ results, calls }`: what there is, and the calls that would try each model. `told`: variables of which something
 * was said already.
 */
export async function models(variables, web, told = []) {
  const listed = modelsOf(variables);
  const providers = providersOf(variables);
  const uses = (provider) => providers.includes(provider);
  const named = (provider) => listed.filter((model) => model.provider === provider).map(({ name }) => name);
  const parts = [
    await ollama(variables, uses("ollama"), named("ollama"), web),
    ...(uses("openai") ? [await openai(variables, named("openai"), web)] : []),
  ];
  const servers = serversOf(variables);
  for (const [name, variable] of servers)
    if (uses(name)) parts.push(await server(name, variable, variables, named(name), web));
  const results = [...chosen(variables, servers, told), ...parts.flatMap(({ results }) => results)];
  return {
    results: results.filter(({ mend: what }) => !told.some((name) => MENDS_VARIABLE.test(what) && what.includes(name))),
    calls: parts.flatMap(({ calls }) => calls),
  };
}

/** Who answers. */
function chosen(variables, servers, told) {
  const { MODEL_PROVIDER: provider } = variables;
  const known = [...PROVIDERS, ...servers.keys()];
  if (told.includes("MODEL_PROVIDER")) return [];
  if (provider && !known.includes(provider)) {
    const defining = `PROVIDER_${provider.toUpperCase().replaceAll("-", "_")}_BASE_URL`;
    return [mend("provider", `${provider} is none of ${known.join(", ")}`, `set ${defining}`)];
  }
  const words = demoWords(variables);
  const names = ok("provider", providersOf(variables).join(", "));
  if (!isDemo(variables)) return words === null ? [names] : [names, note("demo", words, "set both lists of models")];
  return provider ? [names] : [note("provider", `${words} On Cloudflare Workers AI does.`, "set MODEL_PROVIDER")];
}

async function ollama(variables, isUsed, named, web) {
  const base = trimmed(variables.OLLAMA_BASE_URL ?? OLLAMA_URL).replace(/\/v1$/, "");
  const answer = await web.ask(`${base}/api/tags`);
  const there = answer.json?.models?.map(({ name }) => name);
  if (!there) {
    const found = `does not answer on ${shownUrl(base)}${answer.failure ? ` (${answer.failure})` : ""}`;
    return { calls: [], results: isUsed ? [mend("Ollama", found, "ollama serve")] : [note("Ollama", found)] };
  }
  if (there.length === 0) {
    const result = isUsed ? mend : note;
    return { calls: [], results: [result("Ollama", "has no model", `ollama pull ${FALLBACK_MODEL}`)] };
  }
  const found = ok("Ollama", `${shownUrl(base)}: ${there.join(", ")}`);
  if (!isUsed) return { calls: [], results: [{ ...found, state: /** @type {const} */ ("note") }] };
  const has = (name) => there.includes(name) || there.includes(`${name}:latest`);
  const missing = named.filter((name) => !has(name));
  const calls = (named.length > 0 ? named.filter(has) : there.slice(0, 1)).map((name) => ({
    base: `${base}/v1`,
    name,
    key: null,
  }));
  const contexts = calls.map(async ({ name }) => {
    const shown = await web.ask(`${base}/api/show`, { method: "POST", body: JSON.stringify({ model: name }) });
    return contextOf(variables, { provider: "ollama", name }, contextInShow(shown.json) ?? null);
  });
  return {
    calls,
    results: [
      found,
      ...missing.map((name) => mend("model", `${name} is not there`, `ollama pull ${quoted(name)}`)),
      ...(await Promise.all(contexts)),
    ],
  };
}

const openai = (variables, named, web) =>
  compatible(
    {
      title: "OpenAI",
      base: trimmed(variables.OPENAI_BASE_URL ?? OPENAI_URL),
      key: variables.OPENAI_API_KEY ?? null,
      headers: {},
      of: "OPENAI",
    },
    named,
    web,
    variables,
  );

/** A server that PROVIDER_NAME_BASE_URL defines. `variable`: NAME. */
const server = (title, variable, variables, named, web) =>
  compatible(
    {
      title,
      base: trimmed(variables[`PROVIDER_${variable}_BASE_URL`]),
      key: variables[`PROVIDER_${variable}_API_KEY`] ?? null,
      headers: headersIn(variables[`PROVIDER_${variable}_HEADERS`] ?? ""),
      of: `PROVIDER_${variable}`,
    },
    named,
    web,
    variables,
  );

/** One `Name: value` a line. */
function headersIn(text) {
  const pairs = text.split("\n").map((line) => /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line));
  return Object.fromEntries(pairs.filter(Boolean).map(([, name, value]) => [name.toLowerCase(), value]));
}

/** A server that speaks OpenAI's chat completions. `of`: before `_BASE_URL` and `_API_KEY` in its variables. */
async function compatible({ title, base, key, headers, of }, named, web, variables) {
  const results =
    named.length > 0 ? [] : [mend("models", `${title} has none by itself`, "set BIG_MODEL and SMALL_MODEL")];
  const calls = named.map((name) => ({ base, name, key, headers }));
  const where = shownUrl(base);
  const [urlVariable, keyVariable] = [`${of}_BASE_URL`, `${of}_API_KEY`];
  if (!key && base === OPENAI_URL)
    return { calls: [], results: [...results, mend(title, `${keyVariable} is not set`, `set ${keyVariable}`)] };
  const answer = await web.ask(`${base}/models`, { headers: headersFor(key, headers) });
  if (answer.failure)
    return {
      calls: [],
      results: [
        ...results,
        mend(title, `${where} does not answer (${answer.failure})`, `start it, or correct ${urlVariable}`),
      ],
    };
  if (answer.status === 401 || answer.status === 403)
    return {
      calls: [],
      results: [...results, mend(title, `${where} refuses the key (${answer.status})`, `set a valid ${keyVariable}`)],
    };
  const entries = Array.isArray(answer.json?.data) ? answer.json.data : null;
  const contexts = named.map((name) => {
    const entry = entries?.find(({ id }) => id === name);
    return contextOf(variables, { provider: title === "OpenAI" ? "openai" : title, name }, contextIn(entry));
  });
  if (!entries) {
    const found = note(title, `${where} answers, but lists no models (${answer.status})`);
    return { calls, results: [...results, found, ...contexts] };
  }
  const there = entries.map(({ id }) => id);
  const missing = named.filter((name) => !there.includes(name));
  return {
    calls,
    results: [
      ...results,
      ok(title, `${where} answers and lists ${there.length} models`),
      ...missing.map((name) =>
        mend("model", `${name} is not in the list of ${where}`, "correct BIG_MODEL or SMALL_MODEL"),
      ),
      ...contexts.filter((_, index) => !missing.includes(named[index])),
    ],
  };
}

/** What the calls would cost, as a question. */
export const questionFor = (calls) =>
  `Call ${calls.map(({ name }) => name).join(", ")}, once each? That takes about 20 tokens in and at most ` +
  `${CALL_TOKENS_MAX} out per call, which costs far less than a cent at any listed price. [y/N] `;

/** One tiny call, and the time to its first token. */
export async function call({ base, name, key, headers = {} }, web) {
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
    const init = { method: "POST", headers: headersFor(key, headers), body: JSON.stringify(body) };
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

const headersFor = (key, more = {}) => ({
  "content-type": "application/json",
  ...more,
  ...(key ? { authorization: `Bearer ${key}` } : {}),
});
const trimmed = (url) => url.replace(/\/+$/, "");
export const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
