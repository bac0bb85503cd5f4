// An HTTP server that plays Ollama by its own API: /api/tags, /api/show and /api/chat. Every call is recorded and
// checked; tests script the replies.

import { Emulator } from "./emulator.mjs";
import { piecesOf, tokensOf } from "./play.mjs";

const AT = "2026-01-01T08:40:33.123456789Z";

/** In nanoseconds: 10 tokens a second are written, 100 are read. */
const DURATIONS = { eval_duration: 3_200_000_000, prompt_eval_duration: 2_500_000_000 };

/**
 * `models`: what `/api/tags` lists, and what can be called. `context`: the context of each model, in tokens.
 * `thinks`: the models think. `durations`, `delayMs`: of the tiny call that measures it, what it tells and when.
 */
export async function startOllama({
  models = ["llama3.2:3b"],
  context = 131_072,
  thinks = false,
  port = 0,
  durations = DURATIONS,
  delayMs = 0,
} = {}) {
  const emulator = new Emulator((request, text, response) => serve(request, text, response));
  emulator.modelListings = 0;
  emulator.shown = [];
  /** The tiny calls that measure it. */
  emulator.measured = [];

  async function serve(request, text, response) {
    if (request.headers.authorization !== undefined) emulator.violate("a key was sent");
    const route = `${request.method} ${request.url}`;
    if (route === "GET /api/tags") {
      emulator.modelListings += 1;
      answer(response, 200, { models: models.map((name) => ({ name, model: name, size: 2_019_393_189 })) });
      return;
    }
    if (route !== "POST /api/show" && route !== "POST /api/chat") {
      emulator.violate(`${route} is no route of the API`);
      answer(response, 404, { error: "404 page not found" });
      return;
    }
    const body = JSON.parse(text);
    if (!models.includes(body.model)) {
      answer(response, 404, { error: `model '${body.model}' not found` });
      return;
    }
    if (route === "POST /api/show") {
      emulator.shown.push(body.model);
      answer(response, 200, shown(context, thinks));
      return;
    }
    if (body.options?.num_predict === 32) {
      emulator.measured.push(body);
      for (const problem of problemsOf({ body, headers: request.headers }, context))
        emulator.violate(`measuring: ${problem}`);
      const told = last(body, { text: "One, two, three.", finish: "length" }, "One, two, three.");
      setTimeout(answer, delayMs, response, 200, {
        ...told,
        eval_count: 32,
        prompt_eval_count: 250,
        ...durations,
      }).unref();
      return;
    }
    const call = { model: body.model, messages: body.messages, schema: body.format, body, headers: request.headers };
    await emulator.perform(call, response, {
      stream: body.stream !== false,
      contentType: "application/x-ndjson",
      frames: (script) => frames(call, script),
      whole: (script) => last(call, script, script.text),
      problems: (seen) => problemsOf(seen, context),
      refusal: () => null,
    });
  }

  return emulator.listen(port);
}

function shown(context, thinks) {
  return {
    license: "a licence\n".repeat(500),
    details: { format: "gguf", family: "llama", parameter_size: "3.2B", quantization_level: "Q4_K_M" },
    model_info: { "general.architecture": "llama", "llama.block_count": 28, "llama.context_length": context },
    capabilities: thinks ? ["completion", "thinking"] : ["completion"],
  };
}

function* frames(call, script) {
  const line = (part) => {
    const message = { role: "assistant", ...part };
    return `${JSON.stringify({ model: call.model, created_at: AT, message, done: false })}\n`;
  };
  for (const piece of script.reasoning?.match(/\s*\S+/g) ?? []) yield line({ content: "", thinking: piece });
  for (const piece of piecesOf(script)) yield line({ content: piece });
  if (script.ending === "error")
    yield `${JSON.stringify({ error: "an error was encountered while running the model" })}\n`;
  if (script.ending === "done") yield `${JSON.stringify(last(call, script, ""))}\n`;
}

function last(call, script, content) {
  return {
    model: call.model,
    created_at: AT,
    message: { role: "assistant", content },
    done: true,
    done_reason: script.finish,
    total_duration: 4_883_583_458,
    load_duration: 1_334_875,
    prompt_eval_count: tokensOf(call.messages.map((message) => message.content).join(" ")),
    eval_count: tokensOf(script.text),
  };
}

function* problemsOf({ body, headers }, context) {
  if (!headers["content-type"]?.startsWith("application/json")) yield `content type ${headers["content-type"]}`;
  if (!Array.isArray(body.messages) || body.messages.length === 0) yield "no messages";
  for (const message of body.messages ?? []) {
    if (typeof message.content !== "string") yield `content ${JSON.stringify(message.content)} is no string`;
    if (!["system", "user", "assistant"].includes(message.role)) yield `role ${message.role}`;
  }
  const { num_ctx: size, num_predict: limit } = body.options ?? {};
  if (!(limit > 0)) yield "no limit of tokens";
  if (!(size > 0 && size <= context)) yield `num_ctx is ${size}, of ${context}`;
  const characters = body.messages?.map((message) => message.content).join("").length ?? 0;
  // Four characters are about a token.
  if (characters / 4 + limit > size) yield `${characters} characters and ${limit} tokens do not fit ${size}`;
  if (body.truncate !== false || body.shift !== false) yield "what does not fit would be cut in silence";
  for (const [key, value] of Object.entries(body)) if (value === null) yield `${key} is null`;
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
