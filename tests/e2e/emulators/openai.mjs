// An HTTP server that plays OpenAI, Ollama, llama.cpp or vLLM. Every call is recorded and checked; tests script the
// replies.

import { Emulator } from "./emulator.mjs";
import { frames, whole } from "./openai-wire.mjs";

/**
 * `flavour`: whose bytes to send. `key`: the API key that calls must carry (none: they must carry none).
 * `models`: what `/v1/models` lists. `context`: a `Context` that refuses what is too long (none: everything fits).
 */
export async function startOpenai({
  flavour = "openai",
  key = null,
  models = ["big-model", "small-model"],
  port = 0,
  context = null,
} = {}) {
  const emulator = new Emulator((request, text, response) => serve(request, text, response));
  emulator.modelListings = 0;

  async function serve(request, text, response) {
    if (request.headers.authorization !== (key === null ? undefined : `Bearer ${key}`)) {
      answer(response, 401, {
        error: {
          message: "Incorrect API key provided.",
          type: "invalid_request_error",
          param: null,
          code: "invalid_api_key",
        },
      });
      return;
    }
    if (request.method === "GET" && request.url === "/v1/models") {
      emulator.modelListings += 1;
      answer(response, 200, {
        object: "list",
        data: models.map((id) => ({ id, object: "model", created: 1686935002, owned_by: "library" })),
      });
      return;
    }
    if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
      emulator.violate(`${request.method} ${request.url} is no route of the API`);
      answer(response, 404, {
        error: {
          message: `Invalid URL (${request.method} ${request.url})`,
          type: "invalid_request_error",
          param: null,
          code: null,
        },
      });
      return;
    }
    const body = JSON.parse(text);
    const call = {
      model: body.model,
      messages: body.messages,
      schema: body.response_format?.json_schema?.schema,
      body,
      headers: request.headers,
      path: request.url,
    };
    await emulator.perform(call, response, {
      stream: body.stream === true,
      frames: (script) => frames(call, script, flavour),
      whole: (script) => whole(call, script, flavour),
      problems: problemsOf,
      refusal: (seen) => context?.refusal(seen) ?? null,
    });
  }

  return emulator.listen(port);
}

/** What is wrong with a call, in the eyes of the strictest of these servers. */
export function* problemsOf({ body, headers, step }) {
  if (!headers["content-type"]?.startsWith("application/json")) yield `content type ${headers["content-type"]}`;
  if (typeof body.model !== "string" || body.model === "") yield "no model";
  if (!Array.isArray(body.messages) || body.messages.length === 0) yield "no messages";
  for (const message of body.messages ?? []) {
    if (typeof message.content !== "string")
      yield `content ${JSON.stringify(message.content)} of a message is no string`;
    if (!["system", "user", "assistant"].includes(message.role)) yield `role ${message.role}`;
  }
  if (!(body.max_tokens > 0 || body.max_completion_tokens > 0)) yield "no limit of tokens";
  for (const [key, value] of Object.entries(body)) if (value === null) yield `${key} is null`;
  const format = body.response_format;
  if (format?.type === "json_schema") {
    if (typeof format.json_schema?.name !== "string") yield "a json_schema without a name";
    if (Object.keys(format.json_schema?.schema ?? {}).length === 0) yield "an empty schema";
  }
  if (step !== "plan" && body.stream !== true)
    yield "not streamed: its headers would come only when the whole answer is there";
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
