// What is wrong with a Workers AI call. Each of these was seen to be lost or misread silently somewhere on the way.

import { familyOf } from "./workers-ai-wire.mjs";

export function* problemsOf({ model, body: inputs, options, step }) {
  if (!model) yield "no cf-consn-model-id header";
  if (!inputs || Object.keys(inputs).length === 0) {
    yield "the inputs are {}: a JS Map was serialised?";
    return;
  }
  if (!(inputs.max_tokens > 0)) yield "no max_tokens: many models stop at 256";
  if (familyOf(model) === "chat" && !(inputs.max_completion_tokens > 0))
    yield "no max_completion_tokens for a model of the chat family";
  if (!Array.isArray(inputs.messages) || inputs.messages.length === 0) yield "no messages";
  for (const message of inputs.messages ?? []) {
    if (typeof message?.content !== "string")
      yield `content ${JSON.stringify(message?.content)} of a message is no string`;
  }
  yield* nulls(inputs, "inputs");
  const format = inputs.response_format;
  if (format?.type === "json_schema") {
    const schema = format.json_schema;
    if (!schema || Object.keys(schema).length === 0) yield "an empty schema: a JS Map was serialised?";
    else if ("schema" in schema) yield "an OpenAI-style schema wrapper: Workers AI wants the bare schema";
  }
  if (step !== "plan" && inputs.stream !== true) yield `a ${step} call is not streamed`;
  yield* nulls(options, "options");
}

function* nulls(value, path) {
  if (value === null) yield `${path} is null`;
  else if (typeof value === "object")
    for (const [key, inner] of Object.entries(value)) yield* nulls(inner, `${path}.${key}`);
}
