// The response object, with every field that the protocol has: strict clients refuse one that lacks any. What the core
// does not keep of a request is in a label of the workflow, so that the response is the same whenever it is fetched.

import { isTruncated, usageOf } from "../openai-common/follow.js";
import { LABEL } from "../openai-common/join.js";

/** The label. What is in it has short names, because a label has at most 512 characters. */
export const ECHO = "openai-response";
const LABEL_CHARS_MAX = 512;

/**
 * What is kept of a request for its responses.
 *
 * @typedef {object} Echo
 * @property {string} [model]
 * @property {boolean} [background]
 * @property {boolean} [store]
 * @property {number} [max] `max_output_tokens`
 * @property {string} [previous] the id of the previous response, as it was named
 * @property {"auto" | "disabled"} [truncation]
 * @property {{ type: string, name?: string, strict?: boolean, description?: string }} [format] without its schema
 * @property {"low" | "medium" | "high"} [verbosity]
 * @property {string} [safety] `safety_identifier`
 * @property {string} [cache] `prompt_cache_key`
 * @property {string[]} [ignored] names of fields that mean nothing here
 */

/** The label's text. What is too long leaves out what is only repeated to its sender. */
export function labelOf(/** @type {Echo} */ echo) {
  for (const left of [[], ["ignored"], ["ignored", "description"], ["ignored", "description", "cache", "safety"]]) {
    const text = JSON.stringify(echo, (name, value) => (left.includes(name) ? undefined : value));
    if (text.length <= LABEL_CHARS_MAX) return text;
  }
  return "{}";
}

/** @returns {Echo} of a workflow, also of one that came by another way */
function echoOf(metadata = {}) {
  try {
    return JSON.parse(metadata[ECHO] ?? "{}");
  } catch {
    return {};
  }
}

export class Resource {
  #fields;
  /** @type {Echo} */
  #echo;

  /**
   * @param {string} id of the workflow
   * @param {any} spec as `workflow_queued` has it
   * @param {string} at when that was
   */
  constructor(id, spec, at) {
    const echo = echoOf(spec.metadata);
    const { options, parent, metadata = {} } = spec;
    const own = Object.entries(metadata).filter(([name]) => name !== ECHO && name !== LABEL);
    this.#echo = echo;
    this.#fields = {
      id: `resp_${id}`,
      object: "response",
      created_at: seconds(at),
      background: echo.background ?? false,
      instructions: options.instructions ?? null,
      max_output_tokens: echo.max ?? null,
      max_tool_calls: null,
      metadata: Object.fromEntries(own),
      model: echo.model ?? "orchestrator",
      // What the models are really asked with is the deployment's; these are the protocol's zero values.
      frequency_penalty: 0,
      presence_penalty: 0,
      temperature: 1,
      top_logprobs: 0,
      top_p: 1,
      parallel_tool_calls: false,
      previous_response_id: echo.previous ?? (parent ? `resp_${parent.id}` : null),
      prompt_cache_key: echo.cache ?? null,
      reasoning: { effort: null, summary: "auto" },
      safety_identifier: echo.safety ?? null,
      service_tier: "default",
      store: echo.store ?? true,
      text: { format: formatOf(echo.format, options.output_schema), verbosity: echo.verbosity ?? "medium" },
      tool_choice: "none",
      tools: [],
      truncation: echo.truncation ?? "auto",
    };
  }

  get background() {
    return this.#fields.background;
  }

  get isJson() {
    return this.#fields.text.format.type !== "text";
  }

  get maxTokens() {
    return this.#echo.max;
  }

  /** Before its end. */
  running(isQueued) {
    return this.#with({ status: isQueued ? "queued" : "in_progress" });
  }

  /**
   * @param {any} status STATUS
   * @param {{ state: string, reason: string | null, output: any[] }} end
   */
  ended(status, { state, reason, output }) {
    return this.#with({
      status: state,
      completed_at: state === "completed" ? seconds(status.end) : null,
      error: state === "failed" ? errorOf(status.error) : null,
      incomplete_details: reason === null ? null : { reason },
      output,
      usage: usage(status),
      workflow: {
        id: this.#fields.id.slice("resp_".length),
        warnings: status.warnings.map(({ message }) => message),
        ignored: this.#echo.ignored ?? [],
      },
    });
  }

  #with(fields) {
    const empty = { completed_at: null, error: null, incomplete_details: null, output: [], usage: null };
    return { ...this.#fields, ...empty, ...fields };
  }
}

/** What a workflow's end is called here, and why it is incomplete. */
export function endStatusOf(ended) {
  const { status, warnings } = ended;
  if (status === "errored") return { state: "failed", incomplete: null };
  if (status === "terminated") return { state: "cancelled", incomplete: null };
  // The text itself ends too early, or steps were left out because a limit was reached.
  if (isTruncated(ended)) return { state: "incomplete", incomplete: "max_output_tokens" };
  if (warnings.some(({ reason }) => reason === "limit")) return { state: "incomplete", incomplete: "limit" };
  return { state: "completed", incomplete: null };
}

export const reasoningId = (id) => `rs_${id}`;
export const messageId = (id) => `msg_${id}`;

/** `text` is null before there is any. */
export const reasoningOf = (id, text, status) => ({
  id: reasoningId(id),
  type: "reasoning",
  status,
  summary: text === null ? [] : [summaryOf(text)],
});

export const messageOf = (id, text, status) => ({
  id: messageId(id),
  type: "message",
  status,
  role: "assistant",
  content: text === null ? [] : [textPartOf(text)],
});

export const summaryOf = (text) => ({ type: "summary_text", text });

export const textPartOf = (text) => ({ type: "output_text", text, annotations: [], logprobs: [] });

function formatOf(format, schema) {
  if (schema === undefined || schema === null) return { type: "text" };
  if (format?.type === "json_object") return { type: "json_object" };
  return {
    type: "json_schema",
    name: format?.name ?? "response",
    description: format?.description ?? null,
    schema,
    strict: format?.strict ?? true,
  };
}

function errorOf(error) {
  const { name = "unknown", message = "the workflow failed" } = error ?? {};
  return { code: CODES[name] ?? "server_error", message: `${name}: ${message}` };
}

const CODES = { RateLimited: "rate_limit_exceeded", ContextTooSmall: "context_length_exceeded" };

function usage(status) {
  const { prompt_tokens, completion_tokens, total_tokens } = usageOf(status);
  return {
    input_tokens: prompt_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: completion_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens,
  };
}

const seconds = (at) => Math.floor(Date.parse(at) / 1_000);
