// From a request for a response to a submission of ours. Pure, but for the hash.

import { badRequest, Refusal } from "../openai-common/errors.js";
import {
  calledWords,
  exchangesOf,
  HISTORY_BYTES_MAX,
  leftOutWords,
  newest,
  resultWords,
} from "../openai-common/history.js";
import { hashOf, LABEL } from "../openai-common/join.js";
import { wordsFor } from "../openai-common/length.js";
import { hasAsked, MODELS, wayOf } from "../openai-common/models.js";
import { countOf, flagOf, instructionsOf, labelled, schemaOf, textOf } from "../openai-common/requests.js";
import { refuse, refuseItem } from "./refusals.js";
import { ECHO, labelOf } from "./resource.js";

/** Where the fields of our own submissions come from. */
export const PLACES = {
  prompt: "input",
  history: "input",
  metadata: "metadata",
  "options.instructions": "instructions",
  "options.output_schema": "text.format",
};

const DEFAULT_MODEL = "orchestrator";
/** `store: false`: kept at most an hour after its end. */
const UNSTORED_SECONDS = 3_600;
/** They only say how the answer is sent. */
const OF_THE_ANSWER = ["stream", "stream_options"];
/** `text.verbosity` as `options.length`. */
const LENGTHS = { low: "brief", medium: undefined, high: "full" };

/** Every field that has a meaning here or is refused. Any other is ignored, and the response names it. */
const KNOWN = [
  ...["model", "input", "instructions", "previous_response_id", "stream", "stream_options", "background", "store"],
  ...["metadata", "max_output_tokens", "text", "truncation", "safety_identifier", "prompt_cache_key", "include"],
  ...["tools", "tool_choice", "parallel_tool_calls", "max_tool_calls", "conversation", "prompt", "top_logprobs"],
];
/** At most so many are named. */
const NAMED_MAX = 12;

/**
 * @typedef {object} Asked
 * @property {boolean} isStreamed
 * @property {boolean} isBackground
 * @property {boolean} isStored false where it is deleted once delivered
 * @property {boolean} mayCut earlier turns may be left out
 * @property {string} previous the field that they come from
 * @property {string[]} warnings in words
 * @property {any} submission without what only the deployment knows
 */

/**
 * @param {Record<string, any>} body
 * @returns {Promise<Asked>}
 */
export async function read(body) {
  const model = stringOf(body, "model") ?? DEFAULT_MODEL;
  if (!Object.hasOwn(MODELS, model)) {
    const names = Object.keys(MODELS).join(", ");
    const message = `there is no model ${JSON.stringify(model.slice(0, 100))}: there are ${names}`;
    throw new Refusal(404, message, { code: "model_not_found", param: "model" });
  }
  refuse(body);
  const isStreamed = flagOf(body, "stream") ?? false;
  const isBackground = flagOf(body, "background") ?? false;
  const isStored = flagOf(body, "store") ?? true;
  if (isBackground && !isStored)
    throw badRequest("a response in the background has to be stored, to be fetched later: leave out store", "store");
  const previous = stringOf(body, "previous_response_id");
  const { prompt, turns, told } = conversation(body.input);
  if (previous !== undefined && turns.length > 0) {
    const what = "with previous_response_id, input has what is new: the user's message";
    throw badRequest(`${what}. Leave out either the earlier turns or previous_response_id`, "input");
  }
  const truncation = oneOf(body, "truncation", ["auto", "disabled"]);
  const { history, leftOut } = newest(exchangesOf(turns));
  if (truncation === "disabled" && leftOut > 0)
    throw tooLong(`the conversation has more than ${HISTORY_BYTES_MAX} bytes, and truncation is disabled`, "input");
  const instructions = instructionsOf([stringOf(body, "instructions") ?? "", ...told], "instructions");
  const { format, verbosity } = textFieldOf(body.text);
  const schema = schemaOf(format, "text.format");
  const max = countOf(body, "max_output_tokens", 16);
  const length = wordsFor(max) ?? LENGTHS[verbosity];
  const labels = {
    [LABEL]: await hashOf("responses", body, OF_THE_ANSWER),
    [ECHO]: labelOf({
      model,
      ...(isBackground ? { background: true } : {}),
      ...(isStored ? {} : { store: false }),
      max,
      previous,
      truncation,
      format: schema === undefined ? undefined : echoOf(format),
      verbosity,
      safety: stringOf(body, "safety_identifier", 64),
      cache: stringOf(body, "prompt_cache_key", 64),
      ignored: ignoredOf(body),
    }),
  };
  return {
    isStreamed,
    isBackground,
    isStored,
    mayCut: truncation !== "disabled",
    previous: previous === undefined ? "input" : "previous_response_id",
    warnings: [leftOutWords(leftOut)].filter((words) => words !== null),
    submission: {
      prompt,
      ...(previous === undefined ? {} : { follow_up_to: workflowOf(previous, "previous_response_id") }),
      ...(history.length > 0 ? { history } : {}),
      metadata: labelled(body.metadata, labels),
      options: {
        ...wayOf(model, { prompt, goesOn: previous !== undefined || hasAsked(turns) }),
        ...(instructions === undefined ? {} : { instructions }),
        ...(schema === undefined ? {} : { output_schema: schema }),
        ...(length === undefined ? {} : { length }),
        ...(isStored ? {} : { retention_seconds: UNSTORED_SECONDS }),
      },
    },
  };
}

/** The id of the workflow that is this response. */
export function workflowOf(id, param = null) {
  const own = /^resp_([A-Za-z0-9_-]{1,100})$/.exec(id)?.[1];
  if (own !== undefined) return own;
  const message = `there is no response ${JSON.stringify(String(id).slice(0, 100))}: ids begin with resp_`;
  throw param === null
    ? new Refusal(404, message, { code: "not_found" })
    : new Refusal(400, message, { code: "previous_response_not_found", param });
}

export const tooLong = (message, param) =>
  badRequest(`${message}: leave earlier turns out, or send "truncation": "auto"`, param, "context_length_exceeded");

/** What the user says last is the prompt; what the system says are instructions; the rest are earlier turns. */
function conversation(input) {
  if (typeof input === "string") {
    if (input.trim() === "") throw badRequest("input is empty: send what is asked", "input");
    return { prompt: input, turns: [], told: [] };
  }
  if (!Array.isArray(input) || input.length === 0)
    throw badRequest("input has to be a string or a list of at least one item", "input");
  const told = [];
  const turns = [];
  for (const [index, item] of input.entries()) {
    const param = `input[${index}]`;
    if (item === null || typeof item !== "object") throw badRequest(`${param} has to be an object`, param);
    const { type = "message", role, content } = item;
    // What a run told of itself is no part of what was said.
    if (type === "reasoning") continue;
    const used = usedTool(item, param);
    if (used !== null) {
      turns.push({ role: "assistant", text: used });
      continue;
    }
    refuseItem(type, param);
    const text = textOf(content, `${param}.content`);
    if (role === "system" || role === "developer") told.push(text);
    else if (role === "user" || role === "assistant") turns.push({ role, text });
    else throw badRequest(`${param}.role has to be user, assistant, system or developer`, `${param}.role`);
  }
  // Several messages of the user in a row are one.
  const last = [];
  while (turns.at(-1)?.role === "user") last.unshift(turns.pop().text);
  const prompt = last.filter((text) => text.trim() !== "").join("\n\n");
  if (prompt === "") {
    const isOfTool = usedTool(input.at(-1), "input") !== null;
    const what = isOfTool
      ? "the last item is a tool's, and no tools are called here: let a message of the user's follow it"
      : "the last message of input has to be the user's, with a text: an answer is not continued";
    throw badRequest(what, "input");
  }
  return { prompt, turns, told };
}

/** What an earlier model has called, and what that gave, as text; null for any other item. */
function usedTool({ type, name, arguments: given, input, output }, param) {
  if (type === "function_call" || type === "custom_tool_call")
    return calledWords([{ name: name ?? undefined, given: given ?? input ?? undefined }]);
  if (type !== "function_call_output" && type !== "custom_tool_call_output") return null;
  return resultWords(textOf(output, `${param}.output`));
}

function textFieldOf(text) {
  if (text === undefined) return {};
  if (typeof text !== "object" || Array.isArray(text)) throw badRequest("text has to be an object", "text");
  const { format, verbosity } = text;
  if (format !== undefined && format !== null && typeof format !== "object")
    throw badRequest("text.format has to be an object", "text.format");
  return {
    format: format ?? undefined,
    verbosity: oneOf({ "text.verbosity": verbosity ?? undefined }, "text.verbosity", Object.keys(LENGTHS)),
  };
}

/** The format without its schema, which the workflow has. */
function echoOf({ type, name, strict, description }) {
  for (const [key, value, kind] of [
    ["name", name, "string"],
    ["strict", strict, "boolean"],
    ["description", description, "string"],
  ])
    if (value !== undefined && value !== null && typeof value !== kind)
      throw badRequest(`text.format.${key} has to be a ${kind}`, `text.format.${key}`);
  const format = { type, name: name ?? undefined, strict: strict ?? undefined, description: description ?? undefined };
  if (format.name !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(format.name)) {
    const message = "text.format.name has to be up to 64 letters, digits, _ and -";
    throw badRequest(message, "text.format.name");
  }
  return format;
}

function stringOf(body, name, charsMax = Infinity) {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw badRequest(`${name} has to be a string`, name);
  if (value.length > charsMax) throw badRequest(`${name} may have ${charsMax} characters`, name);
  return value;
}

function oneOf(body, name, values) {
  const value = body[name];
  if (value !== undefined && !values.includes(value))
    throw badRequest(`${name} has to be ${values.join(" or ")}`, name);
  return value;
}

function ignoredOf(body) {
  const names = Object.keys(body).filter((name) => !KNOWN.includes(name));
  return names.length > 0 ? names.slice(0, NAMED_MAX) : undefined;
}
