// The words in which real servers refuse a request, taken from reports of their users.

import { error } from "./scripts.mjs";

function openai(message, param, code) {
  return error(400, { error: { message, type: "invalid_request_error", param, code } });
}

/** Older vLLM: pydantic's complaint as a Python literal in a string, and no `error` object around it. */
function vllm(param, input) {
  const message =
    `[{'type': 'extra_forbidden', 'loc': ('body', '${param}'), ` +
    `'msg': 'Extra inputs are not permitted', 'input': ${input}}]`;
  return error(400, { object: "error", message, type: "BadRequestError", param: null, code: 400 });
}

/** A refusal of a parameter, by the server that words it so. */
export const refuses = {
  openai: {
    max_tokens: openai(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_tokens",
      "unsupported_parameter",
    ),
    temperature: openai(
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      "temperature",
      "unsupported_value",
    ),
    // `param` is null here: only the message names the parameter.
    reasoning_effort: openai("Unrecognized request argument supplied: reasoning_effort", null, null),
    response_format: openai(
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. " +
        "Learn more about supported models at the Structured Outputs guide.",
      null,
      null,
    ),
    stream_options: openai("Unknown parameter: 'stream_options'.", "stream_options", "unknown_parameter"),
  },
  vllm: {
    stream_options: vllm("stream_options", "{'include_usage': True}"),
    reasoning_effort: vllm("reasoning_effort", "'low'"),
    response_format: vllm("response_format", "{'type': 'json_schema'}"),
  },
  ollama: {
    reasoning_effort: error(400, {
      error: {
        message: '"small-model" does not support thinking',
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    }),
  },
  "llama.cpp": {
    response_format: error(400, {
      error: {
        code: 400,
        message: 'response_format type must be one of "text" or "json_object", but got: json_schema',
        type: "invalid_request_error",
      },
    }),
  },
};

/** Too many requests; `retryAfter` in seconds or as an HTTP date. */
export function rateLimited(retryAfter) {
  const message =
    "Rate limit reached for small-model in organization org-x on tokens per min (TPM): Limit 30000, Used 29937, " +
    "Requested 385. Please try again in 644ms.";
  return error(
    429,
    { error: { message, type: "tokens", param: null, code: "rate_limit_exceeded" } },
    retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
  );
}

export function quotaExceeded() {
  const message = "You exceeded your current quota, please check your plan and billing details.";
  return error(429, { error: { message, type: "insufficient_quota", param: null, code: "insufficient_quota" } });
}

export function overloaded() {
  return error(503, {
    error: {
      message: "The engine is currently overloaded, please try again later.",
      type: "server_error",
      param: null,
      code: null,
    },
  });
}

export function noSuchModel() {
  const message = "The model `big-model` does not exist or you do not have access to it.";
  return error(404, { error: { message, type: "invalid_request_error", param: null, code: "model_not_found" } });
}
