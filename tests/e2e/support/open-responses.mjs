// What a strict client of Open Responses (document of 2026-04-24) takes: every field of a response there and of its
// type, and no event, item or part of a type that it does not know. Written down from the specification's tables, and
// stricter than they are: a field that nobody has defined is found too, unless it is named here as ours. Each is held
// against our own document as well.

import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import { assertDescribed } from "./described.mjs";

const string = { type: "string" };
const integer = { type: "integer" };
const number = { type: "number" };
const boolean = { type: "boolean" };
const orNull = (schema) => ({ anyOf: [schema, { type: "null" }] });
const is = (value) => ({ const: value });
const oneOf = (...values) => ({ enum: values });
const list = (items) => ({ type: "array", items });
/** `optional` fields may be left out; any other field is wrong. */
const object = (fields, optional = {}) => ({
  type: "object",
  properties: { ...fields, ...optional },
  required: Object.keys(fields),
  additionalProperties: false,
});

const outputText = object(
  { type: is("output_text"), text: string, annotations: list({ not: {} }) },
  { logprobs: list({ not: {} }) },
);
const summaryText = object({ type: is("summary_text"), text: string });
const inputText = object({ type: is("input_text"), text: string });
const itemStatus = oneOf("in_progress", "completed", "incomplete");
const message = object({
  type: is("message"),
  id: string,
  status: itemStatus,
  role: oneOf("user", "assistant", "system", "developer"),
  content: list({ anyOf: [outputText, inputText] }),
});
const reasoning = object({ type: is("reasoning"), id: string, status: itemStatus, summary: list(summaryText) });
const item = { anyOf: [message, reasoning] };

const textFormat = {
  anyOf: [
    object({ type: is("text") }),
    object({ type: is("json_object") }),
    object({
      type: is("json_schema"),
      name: string,
      description: orNull(string),
      schema: { type: "object" },
      strict: boolean,
    }),
  ],
};

const usage = object({
  input_tokens: integer,
  output_tokens: integer,
  total_tokens: integer,
  input_tokens_details: object({ cached_tokens: integer }),
  output_tokens_details: object({ reasoning_tokens: integer }),
});

/** `workflow` is ours: the specification lets servers add fields. `output_text` is put in by OpenAI's SDK. */
const response = object(
  {
    id: { type: "string", pattern: "^resp_" },
    object: is("response"),
    created_at: integer,
    completed_at: orNull(integer),
    status: oneOf("queued", "in_progress", "completed", "failed", "cancelled", "incomplete"),
    incomplete_details: orNull(object({ reason: string })),
    model: string,
    previous_response_id: orNull(string),
    instructions: orNull(string),
    output: list(item),
    error: orNull(object({ code: string, message: string })),
    tools: { type: "array", maxItems: 0 },
    tool_choice: oneOf("none", "auto", "required"),
    truncation: oneOf("auto", "disabled"),
    parallel_tool_calls: boolean,
    text: object({ format: textFormat }, { verbosity: oneOf("low", "medium", "high") }),
    top_p: number,
    presence_penalty: number,
    frequency_penalty: number,
    top_logprobs: integer,
    temperature: number,
    reasoning: orNull(object({ effort: { type: "null" }, summary: orNull(oneOf("concise", "detailed", "auto")) })),
    usage: orNull(usage),
    max_output_tokens: orNull(integer),
    max_tool_calls: orNull(integer),
    store: boolean,
    background: boolean,
    service_tier: string,
    metadata: { type: "object" },
    safety_identifier: orNull(string),
    prompt_cache_key: orNull(string),
  },
  {
    output_text: string,
    workflow: object({ id: string, warnings: list(string), ignored: list(string) }),
  },
);

const part = { anyOf: [outputText, summaryText] };
const event = (type, fields, optional) => object({ type: is(type), sequence_number: integer, ...fields }, optional);
const ofItem = { item_id: string, output_index: integer };
const inSummary = { ...ofItem, summary_index: integer };
const inContent = { ...ofItem, content_index: integer };
const logprobs = { logprobs: { type: "array", maxItems: 0 } };
const errorFields = { type: string, code: orNull(string), message: string, param: orNull(string) };

const EVENTS = [
  ...["created", "queued", "in_progress", "completed", "failed", "incomplete"].map((name) =>
    event(`response.${name}`, { response }),
  ),
  event("response.output_item.added", { output_index: integer, item }),
  event("response.output_item.done", { output_index: integer, item }),
  event("response.reasoning_summary_part.added", { ...inSummary, part }),
  event("response.reasoning_summary_part.done", { ...inSummary, part }),
  event("response.reasoning_summary_text.delta", { ...inSummary, delta: string }),
  event("response.reasoning_summary_text.done", { ...inSummary, text: string }),
  event("response.content_part.added", { ...inContent, part }),
  event("response.content_part.done", { ...inContent, part }),
  event("response.output_text.delta", { ...inContent, delta: string }, logprobs),
  event("response.output_text.done", { ...inContent, text: string }, logprobs),
  // Open Responses has an object in it; OpenAI has its fields beside the type.
  event("error", { error: object(errorFields), code: orNull(string), message: string, param: orNull(string) }),
];

const ajv = new Ajv({ strict: true, strictTypes: false, discriminator: true, allErrors: true });
const checkResponse = ajv.compile(response);
const checks = new Map(EVENTS.map((schema) => [schema.properties.type.const, ajv.compile(schema)]));

export function assertResponse(value) {
  assert.ok(
    checkResponse(value),
    `${ajv.errorsText(checkResponse.errors)} in ${JSON.stringify(value)?.slice(0, 2_000)}`,
  );
  const { output_text: _, ...sent } = value;
  assertDescribed("ResponsesResponse", sent);
}

export function assertEvent(value) {
  const check = checks.get(value.type);
  assert.ok(check, `an event of a type that nobody knows: ${value.type}`);
  assert.ok(check(value), `${ajv.errorsText(check.errors)} in ${JSON.stringify(value).slice(0, 2_000)}`);
  const { output_text: _, ...response } = value.response ?? {};
  assertDescribed("ResponsesEvent", value.response ? { ...value, response } : value);
}

/** Of a whole stream: each event, the order of numbers, and that what was begun is ended. */
export function assertEvents(events) {
  let last = -1;
  const open = new Set();
  for (const value of events) {
    assertEvent(value);
    assert.ok(value.sequence_number > last, `${value.type} has ${value.sequence_number} after ${last}`);
    last = value.sequence_number;
    const begun = /^(response\.(?:output_item|content_part|reasoning_summary_part))\.added$/.exec(value.type)?.[1];
    const ended = /^(response\.(?:output_item|content_part|reasoning_summary_part))\.done$/.exec(value.type)?.[1];
    if (begun) open.add(`${begun} ${value.output_index}`);
    if (ended) assert.ok(open.delete(`${ended} ${value.output_index}`), `${value.type} of what was not added`);
  }
  assert.deepEqual([...open], [], "what was added is done in the end");
}

/** The events of a response of HTTP that is a stream, held to the form that the specification gives. */
export async function readEvents(response) {
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  const frames = (await response.text()).split("\n\n").filter((frame) => frame !== "" && !frame.startsWith(":"));
  assert.equal(frames.pop(), "data: [DONE]", "the last frame");
  return frames.map((frame) => {
    const [event, data, ...more] = frame.split("\n");
    assert.deepEqual(more, [], "a frame has an event and its data");
    const value = JSON.parse(data.replace(/^data: /, ""));
    assert.equal(event, `event: ${value.type}`);
    return value;
  });
}
