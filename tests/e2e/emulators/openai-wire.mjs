// The bytes of OpenAI-compatible servers. Each differs in small ways that have broken clients.

import { piecesOf, tokensOf } from "./play.mjs";

/** How each server names reasoning, and what its first and last chunks look like. */
const FLAVOURS = {
  openai: {
    extra: { service_tier: "default", system_fingerprint: "fp_44709d6fcb" },
    reasoning: "reasoning_content",
    first: { role: "assistant", content: "", refusal: null },
    every: {},
    last: {},
    choice: { logprobs: null },
    usageBesideChoices: null,
  },
  ollama: {
    extra: { system_fingerprint: "fp_ollama" },
    reasoning: "reasoning",
    first: null,
    every: { role: "assistant" },
    last: { role: "assistant", content: "" },
    choice: {},
  },
  "llama.cpp": {
    extra: { system_fingerprint: "b6123-9f1a2b3c" },
    reasoning: "reasoning_content",
    first: { role: "assistant", content: null },
    every: {},
    last: {},
    choice: {},
    usageExtra: { timings: { prompt_n: 12, predicted_n: 34, predicted_per_second: 55.2 } },
  },
  vllm: {
    extra: {},
    reasoning: "reasoning_content",
    first: { role: "assistant", content: "", reasoning_content: null, tool_calls: [] },
    every: {},
    last: { content: "", reasoning_content: null, tool_calls: [] },
    choice: { logprobs: null, stop_reason: null },
  },
};

/** The frames of a streamed reply to `call`. */
export function* frames(call, script, flavourName) {
  const flavour = FLAVOURS[flavourName];
  const data = script.tight ? "data:" : "data: ";
  const include = call.body.stream_options?.include_usage === true;
  const chunk = (choices, more = {}) =>
    `${data}${JSON.stringify({ ...head(call, flavour, "chat.completion.chunk"), choices, ...more })}\n\n`;
  // OpenAI names usage in every chunk once it is asked for, and null until the last.
  const usageNull = include && "usageBesideChoices" in flavour ? { usage: flavour.usageBesideChoices } : {};
  const delta = (part, finish = null) =>
    chunk([{ index: 0, delta: { ...flavour.every, ...part }, finish_reason: finish, ...flavour.choice }], usageNull);

  if (script.noise) yield ": keep-alive\n\n";
  if (flavour.first) yield delta(flavour.first);
  for (const piece of script.reasoning?.match(/\s*\S+/g) ?? []) yield delta({ [flavour.reasoning]: piece });
  if (script.noise) yield `event: ping\r\n${data}2026-01-01 08:40:33\r\n\r\n`;
  for (const piece of piecesOf(script)) yield delta({ content: piece });
  if (script.ending === "error") {
    const message = "The server had an error while processing your request";
    yield `${data}${JSON.stringify({ error: { message, type: "server_error", param: null, code: null } })}\n\n`;
    return;
  }
  if (script.ending !== "done") return;
  if (script.finish) yield delta(flavour.last, script.finish);
  if (script.usage && include) yield chunk([], { usage: usage(call, script), ...flavour.usageExtra });
  yield `${data}[DONE]\n\n`;
}

/** The whole reply to `call`. */
export function whole(call, script, flavourName) {
  const flavour = FLAVOURS[flavourName];
  const message = { role: "assistant", content: script.text };
  if (script.reasoning) message[flavour.reasoning] = script.reasoning;
  return {
    ...head(call, flavour, "chat.completion"),
    choices: [{ index: 0, message, finish_reason: script.finish, ...flavour.choice }],
    ...(script.usage ? { usage: usage(call, script), ...flavour.usageExtra } : {}),
  };
}

function head(call, flavour, object) {
  return {
    id: "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
    object,
    created: 1741570283,
    model: call.model,
    ...flavour.extra,
  };
}

function usage(call, script) {
  const prompt_tokens = tokensOf(call.messages.map((message) => message.content).join(""));
  const completion_tokens = tokensOf(script.text);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
