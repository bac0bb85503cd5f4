// What OpenAI's Responses have and this has not, in words that say what to do.

import { unsupported } from "../openai-common/errors.js";

const TOOLS =
  "no tools can be called here: a run reads and writes text only. Leave out tools, or send []. What a tool would " +
  "find out can stand in input. Agents that bring tools of their own connect by MCP, at /mcp";

const isSome = (list) => list !== undefined && !(Array.isArray(list) && list.length === 0);

/**
 * A row each: the field, whether this value of it asks for something, and what to do.
 *
 * @type {[string, (body: Record<string, any>) => boolean, string][]}
 */
const REFUSED = [
  ["tools", ({ tools, tool_choice }) => tool_choice !== "none" && isSome(tools), TOOLS],
  [
    "tool_choice",
    ({ tool_choice }) => !["none", "auto", undefined].includes(tool_choice),
    `${TOOLS}. This tool_choice asks for a call`,
  ],
  [
    "conversation",
    ({ conversation }) => conversation !== undefined,
    "conversations are not kept here: send previous_response_id, or the earlier messages in input",
  ],
  ["prompt", ({ prompt }) => prompt !== undefined, "there are no prompt templates here: send their text in input"],
  [
    "top_logprobs",
    ({ top_logprobs }) => top_logprobs > 0,
    "an answer has no log probabilities, because several models write it: leave out top_logprobs",
  ],
  [
    "include",
    ({ include }) => Array.isArray(include) && include.includes("message.output_text.logprobs"),
    "an answer has no log probabilities, because several models write it: leave out message.output_text.logprobs",
  ],
  [
    "context_management",
    ({ context_management }) => isSome(context_management),
    "nothing is compacted here: earlier turns are left out, the oldest first, where they are too long",
  ],
];

/** Throws for what can't be had. */
export function refuse(body) {
  for (const [field, asks, message] of REFUSED) if (asks(body)) throw unsupported(`${field}: ${message}.`, field);
}

/** @type {[RegExp, string][]} Of the type of an item of `input`. What a function was called with and gave is read. */
const ITEMS = [
  [/^item_reference$/, "an item is not found by its id here: send its text, or previous_response_id"],
  [/^compaction/, "a compacted conversation can't be read here: send the messages themselves, or previous_response_id"],
  [/_call(_output)?$|^mcp_|_tool/, "what a tool of another service has done is not read: put its text into a message"],
  [/image/, "images are not read here: describe it in a message"],
];

/** Throws for any item that is no message. */
export function refuseItem(type, param) {
  if (type === "message") return;
  const words = ITEMS.find(([pattern]) => pattern.test(String(type)))?.[1];
  throw unsupported(
    `${param} (${String(type).slice(0, 60)}): ${words ?? "only messages are read here: send its text in one"}.`,
    param,
  );
}
