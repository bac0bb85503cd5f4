// How much a model takes at once: what its server tells, and what the variables say instead.

import { listsOf } from "../lib/models.mjs";
import { mend, note, ok } from "./result.mjs";

/** What servers call it in `GET /models`: vLLM, OpenRouter and others. OpenAI tells none. */
const FIELDS = ["max_model_len", "context_length", "context_window", "max_context_length"];
/** What the Worker takes an unknown name for (src/model/facts.rs). */
const ASSUMED = 128_000;

/** Of an entry of `GET /models`; null where it tells none. */
export const contextIn = (entry) => FIELDS.map((field) => entry?.[field]).find((tokens) => tokens > 0) ?? null;

/** `told`: tokens, or null. The Worker asks Ollama for it, and no other server. */
export function contextOf(variables, { provider, name }, told) {
  const isOllama = provider === "ollama";
  const names = listsOf(variables, { provider, name }).map((list) => `${list}_CONTEXT_TOKENS`);
  const set = names.filter((variable) => Number(variables[variable]) > 0);
  const smaller = set.map((variable) => `${variable} makes it ${tokens(variables[variable])}`);
  const result = (make, words, what) => make("context", [`${name}: ${words}`, ...smaller].join("; "), what);
  if (told === null) {
    if (set.length > 0) return result(ok, "its server does not tell");
    return result(
      note,
      "its server does not tell, so it goes by the name",
      `if that is wrong, set ${names.join(" and ")}`,
    );
  }
  const words = `${tokens(told)} tokens, as its server tells`;
  const wrong = isOllama ? [] : names.filter((variable) => Number(variables[variable] || ASSUMED) > told);
  if (wrong.length === 0) return result(ok, words);
  // By its name the Worker may know better.
  return result(
    set.length > 0 ? mend : note,
    words,
    `set ${wrong.map((variable) => `${variable}=${told}`).join(" and ")}`,
  );
}

const tokens = (number) => Number(number).toLocaleString("en-US");
