// The reply shapes of Workers AI's model families.

import { piecesOf, tokensOf } from "./play.mjs";

/** `native` for Llama and older models, `chat` for those that answer as OpenAI does. */
export function familyOf(model) {
  return /^@cf\/(meta|mistral|microsoft)\//.test(model) ? "native" : "chat";
}

export function* frames(call, script) {
  const data = script.tight ? "data:" : "data: ";
  const frame = (body) => `${data}${JSON.stringify(body)}\n\n`;
  const chat = familyOf(call.model) === "chat";
  const delta = (part, finish = null) =>
    frame({ ...head(call, "chat.completion.chunk"), choices: [{ index: 0, delta: part, finish_reason: finish }] });
  // `p` is padding that hides the length of a token from an observer of the traffic.
  const token = (part) => (chat ? delta({ content: part }) : frame({ response: part, p: "abcdefghi" }));

  if (chat) yield delta({ role: "assistant", content: "" });
  for (const piece of chat ? (script.reasoning?.match(/\s*\S+/g) ?? []) : [])
    yield delta({ [script.reasoningField ?? "reasoning_content"]: piece });
  if (script.noise) yield `: comment\n\n${data}{}\n\n${data}{"type":"ping"}\n\n`;
  for (const piece of piecesOf(script)) yield token(piece);
  if (script.ending !== "done") return;
  if (chat && script.finish) yield delta({}, script.finish);
  if (script.usage)
    yield chat
      ? frame({ ...head(call, "chat.completion.chunk"), choices: [], usage: usage(call, script) })
      : frame({ response: "", usage: usage(call, script) });
  yield `${data}[DONE]\n\n`;
}

/**
 * One JSON reply. In JSON mode the native family's `response` is the parsed value; a script's `response` says it
 * outright, for the odder shapes seen (a string, a number).
 */
export function whole(call, script) {
  if (script.shape === "responses") return responses(call, script);
  if (familyOf(call.model) === "native") {
    return {
      response: script.response ?? (call.schema ? parsed(script.text) : script.text),
      tool_calls: [],
      usage: usage(call, script),
    };
  }
  const message = { role: "assistant", content: script.text, tool_calls: [] };
  if (script.reasoning) message[script.reasoningField ?? "reasoning_content"] = script.reasoning;
  return {
    ...head(call, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: script.finish }],
    ...(script.usage ? { usage: usage(call, script) } : {}),
  };
}

/** gpt-oss asked in the style of OpenAI's Responses API. */
function responses(call, script) {
  const { prompt_tokens, completion_tokens, total_tokens } = usage(call, script);
  return {
    id: "resp_1f2e",
    object: "response",
    model: call.model,
    status: script.finish === "length" ? "incomplete" : "completed",
    output: [
      { type: "reasoning", content: [{ type: "reasoning_text", text: "Thinking." }] },
      {
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: script.text, annotations: [] }],
      },
    ],
    usage: { input_tokens: prompt_tokens, output_tokens: completion_tokens, total_tokens },
  };
}

function parsed(content) {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

function head(call, object) {
  return { id: "id-1741570283", object, created: 1741570283, model: call.model };
}

function usage(call, script) {
  const prompt_tokens = tokensOf(call.messages.map((message) => message?.content ?? "").join(""));
  const completion_tokens = tokensOf(script.text);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
