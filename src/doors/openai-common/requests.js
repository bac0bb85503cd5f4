// Reading what OpenAI's clients send: bodies, content that may come in parts, fields that mean nothing where they are
// null.

import { parse } from "../json.js";
import { badRequest, Refusal } from "./errors.js";
import { modern } from "./schema.js";

/** The largest body of a door. Of a long conversation most is left out before the core sees it (history.js). */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;
/** What is read of a larger one, and thrown away: a client that is still sending sees no answer, but a broken pipe. */
const DRAINED_BYTES_MAX = 4 * BODY_BYTES_MAX;

/** What the core takes for `options.instructions`. */
export const INSTRUCTIONS_BYTES_MAX = 32 * 1024;

/** What it takes for a prompt. */
const PROMPT_BYTES_MAX = 128 * 1024;

export const bytesOf = (text) => new TextEncoder().encode(text).length;

/** The JSON object in the body, without the fields that are null: they count as absent. */
export async function readObject(request) {
  const tooLarge = () =>
    new Refusal(413, `the body has more than ${BODY_BYTES_MAX} bytes: send less of the conversation`, {
      code: "request_too_large",
    });
  if (Number(request.headers.get("content-length")) > DRAINED_BYTES_MAX) throw tooLarge();
  const bytes = await readAtMost(request.body, BODY_BYTES_MAX);
  if (bytes === null) throw tooLarge();
  let body;
  try {
    body = parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error.message}`, null, "invalid_json");
  }
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw badRequest("the body has to be a JSON object", null, "invalid_json");
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

async function readAtMost(stream, most) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > DRAINED_BYTES_MAX) return null;
    if (size > most) chunks.length = 0;
    else chunks.push(chunk);
  }
  if (size > most) return null;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * Of a content part's type: what a person calls it.
 *
 * @type {[RegExp, string][]}
 */
const NAMES = [
  [/image/, "an image"],
  [/audio/, "audio"],
  [/video/, "a video"],
  [/file|document/, "a file"],
];

/**
 * The text of a message's content: a string, or parts, which are joined. Anything else is refused by its name.
 *
 * @param {unknown} content
 * @param {string} param where it stands, e.g. `messages[3].content`
 */
export function textOf(content, param) {
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw badRequest(`${param} has to be a string or a list of parts`, param);
  const texts = content.map((part, index) => {
    const here = `${param}[${index}]`;
    if (typeof part === "string") return part;
    const type = part?.type;
    if (["text", "input_text", "output_text", "refusal"].includes(type)) {
      const text = type === "refusal" ? part.refusal : part.text;
      if (typeof text !== "string") throw badRequest(`${here}.text has to be a string`, here);
      return text;
    }
    if (typeof type !== "string") throw badRequest(`${here}.type has to be a string`, here);
    const name = NAMES.find(([pattern]) => pattern.test(type))?.[1];
    if (name === undefined) throw badRequest(`${here} has a type that is not known: ${shown(type)}`, here);
    const what = `${here} is ${name} (${type}): only text is read here`;
    throw badRequest(`${what}. Leave it out, or put its text into the message`, here, "unsupported_content");
  });
  return texts.filter((text) => text !== "").join("\n\n");
}

/** The JSON Schema that an answer is to fit, of `response_format` or `text.format`; undefined for plain text. */
export function schemaOf(format, param) {
  if (format === undefined || format === null) return undefined;
  const { type } = format;
  if (type === "text") return undefined;
  if (type === "json_object") return { type: "object" };
  if (type !== "json_schema")
    throw badRequest(`${param}.type has to be text, json_object or json_schema`, `${param}.type`);
  // Chat completions have it one level deeper than Responses.
  const schema = format.json_schema?.schema ?? format.schema;
  if (schema === null || typeof schema !== "object" || Array.isArray(schema))
    throw badRequest(`${param} of type json_schema needs a schema, which is an object`, param);
  try {
    return modern(schema);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badRequest(`the schema of ${param} is nested too deeply`, param);
  }
}

/** A whole number from `least` on, or undefined. */
export function countOf(body, name, least = 1) {
  const value = body[name];
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < least)
    throw badRequest(`${name} has to be a whole number from ${least} on`, name);
  return value;
}

/** A boolean, or undefined. */
export function flagOf(body, name) {
  const value = body[name];
  if (value !== undefined && typeof value !== "boolean") throw badRequest(`${name} has to be true or false`, name);
  return value;
}

/**
 * The caller's own `metadata`, and room for `labels` of the door.
 *
 * @param {unknown} metadata
 * @param {Record<string, string>} labels
 */
export function labelled(metadata, labels) {
  if (metadata === undefined) return labels;
  const isObject = typeof metadata === "object" && !Array.isArray(metadata);
  if (!isObject || Object.values(metadata).some((value) => typeof value !== "string"))
    throw badRequest("metadata has to be an object of strings", "metadata");
  const taken = Object.keys(labels).find((name) => Object.hasOwn(metadata, name));
  if (taken !== undefined)
    throw badRequest(`metadata.${taken} is a label of the door's: choose another name`, "metadata");
  const most = 16 - Object.keys(labels).length;
  if (Object.keys(metadata).length > most)
    throw badRequest(`metadata may have ${most} pairs here: the door adds a label of its own`, "metadata");
  return { ...metadata, ...labels };
}

/** Checks the instructions' size: the core would name a field that the caller never sent. */
export function instructionsOf(texts, param) {
  const joined = texts.filter((text) => text.trim() !== "").join("\n\n");
  if (joined === "") return undefined;
  const bytes = bytesOf(joined);
  if (bytes > INSTRUCTIONS_BYTES_MAX) {
    const what = `instructions (system and developer messages) may have ${INSTRUCTIONS_BYTES_MAX} bytes, not ${bytes}`;
    const remedy = "shorten them, or put the long part into the user's message";
    throw badRequest(`${what}: ${remedy}`, param, "request_too_large");
  }
  return joined;
}

/** Checks the prompt, in words of the caller's. */
export function promptOf(text, param) {
  if (text.trim() === "") throw badRequest("the user's last message is empty", param);
  const bytes = bytesOf(text);
  if (bytes <= PROMPT_BYTES_MAX) return text;
  const message = `the user's last message has ${bytes} bytes: at most ${PROMPT_BYTES_MAX} bytes are read. Attach less`;
  throw new Refusal(413, message, { code: "request_too_large", param });
}

/** The header `Idempotency-Key`, or undefined. */
export const keyOf = (request) => request.headers.get("idempotency-key") ?? undefined;

const shown = (value) => JSON.stringify(value)?.slice(0, 60) ?? "nothing";
