// From a request for a chat completion to a submission of ours. Pure, but for the hash.

import { badRequest, Refusal } from "../openai-common/errors.js";
import { calledWords, exchangesOf, leftOutWords, newest, resultWords } from "../openai-common/history.js";
import { hashOf, LABEL } from "../openai-common/join.js";
import { wordsFor } from "../openai-common/length.js";
import { hasAsked, MODELS, wayOf } from "../openai-common/models.js";
import { countOf, flagOf, instructionsOf, labelled, promptOf, schemaOf, textOf } from "../openai-common/requests.js";
import { CHORE_INSTRUCTIONS, choreOf } from "./chores.js";
import { ignoredOf, refuse } from "./refusals.js";

/** `store: false`: kept at most an hour after its end. */
const UNSTORED_SECONDS = 3_600;
/** They only say how the answer is sent. */
const OF_THE_ANSWER = ["stream", "stream_options"];

/**
 * @typedef {object} Asked
 * @property {string} model
 * @property {boolean} isStreamed
 * @property {boolean} withUsage
 * @property {boolean} isStored false where it is deleted once delivered
 * @property {number | undefined} maxTokens of the visible answer
 * @property {boolean} isJson
 * @property {{ of: string, what: string } | null} chore
 * @property {string[]} warnings in words
 * @property {string[]} ignored names of fields
 * @property {any} submission without what only the deployment knows
 */

/**
 * @param {Record<string, any>} body
 * @returns {Promise<Asked>}
 */
export async function read(body) {
  const { model } = body;
  if (typeof model !== "string") throw badRequest("model has to be a string", "model");
  if (!Object.hasOwn(MODELS, model)) {
    const known = Object.keys(MODELS).join(", ");
    const message = `there is no model ${JSON.stringify(model.slice(0, 100))}: there are ${known}`;
    throw new Refusal(404, message, { code: "model_not_found", param: "model" });
  }
  refuse(body);
  const isStreamed = flagOf(body, "stream") ?? false;
  const { prompt, told, turns, system } = conversation(body.messages);
  const schema = schemaOf(body.response_format, "response_format");
  const maxTokens = countOf(body, "max_completion_tokens") ?? countOf(body, "max_tokens");
  const chore = choreOf({ prompt, system });
  const instructions = instructionsOf(chore === null ? told : [...told, CHORE_INSTRUCTIONS], "messages");
  const { history, leftOut } = newest(exchangesOf(turns));
  const isStored = flagOf(body, "store") !== false;
  const length = wordsFor(maxTokens);
  return {
    model,
    isStreamed,
    withUsage: body.stream_options?.include_usage === true,
    isStored,
    maxTokens,
    isJson: schema !== undefined,
    chore,
    warnings: [leftOutWords(leftOut)].filter((words) => words !== null),
    ignored: ignoredOf(body),
    submission: {
      prompt,
      ...(history.length > 0 ? { history } : {}),
      metadata: labelled(body.metadata, { [LABEL]: await hashOf("chat", body, OF_THE_ANSWER) }),
      options: {
        ...(chore === null ? wayOf(model, { prompt, goesOn: hasAsked(turns) }) : { mode: "direct" }),
        ...(instructions === undefined ? {} : { instructions }),
        ...(schema === undefined ? {} : { output_schema: schema }),
        ...(length === undefined ? {} : { length }),
        ...(isStored ? {} : { retention_seconds: UNSTORED_SECONDS }),
      },
    },
  };
}

/** The last message of the user is the prompt; what the system says are instructions; the rest are earlier turns. */
function conversation(messages) {
  if (!Array.isArray(messages) || messages.length === 0)
    throw badRequest("messages has to be a list of at least one message", "messages");
  const told = [];
  const turns = [];
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    if (message === null || typeof message !== "object") throw badRequest(`${param} has to be an object`, param);
    if (message.audio) throw badRequest(`${param} is audio: only text is read here`, param, "unsupported_content");
    const text = textOf(message.content ?? message.refusal, `${param}.content`);
    const { role } = message;
    if (role === "system" || role === "developer") told.push(text);
    else if (role === "user") turns.push({ role, text });
    else if (role === "assistant") turns.push({ role, text: [text, calls(message)].filter(Boolean).join("\n\n") });
    else if (role === "tool" || role === "function") turns.push({ role: "assistant", text: resultWords(text) });
    else throw badRequest(`${param}.role has to be system, developer, user, assistant or tool`, `${param}.role`);
  }
  const system = told.join("\n\n");
  // Some front ends put a whole request of their own into the system's message.
  if (turns.length === 0 && system.trim() !== "") {
    return { prompt: promptOf(system, "messages"), told: [], turns, system };
  }
  // Some clients send the place of the answer that they wait for.
  while (turns.at(-1)?.role === "assistant" && turns.at(-1).text.trim() === "") turns.pop();
  const last = turns.pop();
  if (last?.role !== "user") {
    const isOfTool = ["tool", "function"].includes(messages.at(-1)?.role);
    const what = isOfTool
      ? "the last message is a tool's result, and no tools are called here: let a message of the user's follow it"
      : "the last message has to be the user's: an answer is not continued in the middle. " +
        "Open WebUI: rather than Continue Response, write what is to follow";
    throw badRequest(what, "messages");
  }
  return { prompt: promptOf(last.text, "messages"), told, turns, system };
}

/** The calls of tools that an earlier model made, as text. */
function calls({ tool_calls: list }) {
  if (!Array.isArray(list) || list.length === 0) return "";
  return calledWords(
    list.map((call) => ({ name: call?.function?.name ?? undefined, given: call?.function?.arguments ?? undefined })),
  );
}
