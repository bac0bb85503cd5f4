// What chat completions have and this has not, in words that say what to do in which front end.

import { unsupported } from "../openai-common/errors.js";

/** Open WebUI sends tools of its own with every chat, unless its owner has switched them off. */
const TOOLS = `no tools can be called here: a run reads and writes text only. Send no tools, or "tool_choice": "none". \
Open WebUI: in Admin Panel > Settings > Models > the model, take out the capability Builtin Tools (for all models: \
DEFAULT_MODEL_METADATA={"capabilities":{"builtin_tools":false}}), and take other tools off the chat. \
LibreChat: choose the endpoint itself rather than an agent, and titleMethod: completion. \
Cursor, Cline, Continue: use Ask or Chat rather than Agent. Agents with tools of their own connect by MCP, at /mcp`;

const isSome = (list) => list !== undefined && !(Array.isArray(list) && list.length === 0);

/**
 * A row each: the field, whether this value of it asks for something, and what to do.
 *
 * @type {[string, (body: Record<string, any>) => boolean, string][]}
 */
const REFUSED = [
  ["tools", (body) => body.tool_choice !== "none" && isSome(body.tools), TOOLS],
  ["functions", (body) => body.function_call !== "none" && isSome(body.functions), TOOLS],
  [
    "tool_choice",
    ({ tool_choice }) => !["none", "auto", undefined].includes(tool_choice),
    `${TOOLS}. This tool_choice asks for a call`,
  ],
  [
    "n",
    ({ n }) => n !== undefined && n !== 1,
    "there is one answer for each request: leave out n. For several, send the request several times",
  ],
  [
    "logprobs",
    ({ logprobs, top_logprobs }) => logprobs === true || top_logprobs > 0,
    "an answer has no log probabilities, because several models write it: leave out logprobs and top_logprobs",
  ],
  [
    "modalities",
    ({ modalities }) => modalities !== undefined && JSON.stringify(modalities) !== '["text"]',
    'answers are text: leave out modalities, or send ["text"]',
  ],
  [
    "audio",
    ({ audio }) => audio !== undefined,
    "answers are text, not audio: leave out audio. Open WebUI and LibreChat: choose another engine for speech",
  ],
  [
    "prediction",
    ({ prediction }) => prediction !== undefined,
    "a predicted output is of no use here: leave out prediction. Cursor, Continue: use another model to apply edits",
  ],
  [
    "web_search_options",
    ({ web_search_options }) => web_search_options !== undefined,
    "nothing is looked up on the web: leave out web_search_options. Open WebUI and LibreChat: their own web search " +
      "puts what it finds into the message, which works",
  ],
];

/** Throws for what can't be had. */
export function refuse(body) {
  for (const [field, asks, message] of REFUSED) if (asks(body)) throw unsupported(`${field}: ${message}.`, field);
}

/**
 * Every field that has a meaning here or was refused. Any other is ignored, as servers of this protocol do: what bounds
 * or seeds the choice of tokens (temperature, top_p, seed, stop, logit_bias and the penalties), because the models and
 * their parameters are the deployment's; what is for OpenAI's own service (user, service_tier, safety_identifier,
 * prompt_cache_key); hints (reasoning_effort, verbosity); and what is not known. The answer names them.
 */
const KNOWN = [
  ...["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "response_format"],
  ...["store", "metadata", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "n"],
  ...["logprobs", "top_logprobs", "modalities", "audio", "prediction", "web_search_options"],
];

/** At most so many are named. */
const NAMED_MAX = 20;

export const ignoredOf = (body) =>
  Object.keys(body)
    .filter((name) => !KNOWN.includes(name))
    .slice(0, NAMED_MAX);
