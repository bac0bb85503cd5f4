// Model servers that misbehave, as public reports tell of them. Each kind takes the text that the model means to say
// and gives a script. The names say what is wrong. After the kinds of `fails` a careful client asks again; in those of
// `reads` the whole text arrives all the same.

import { error, raw, reset } from "./scripts.mjs";

const DONE = "data: [DONE]\n\n";
const json = (value) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta, finish = null, more = {}) =>
  json({
    id: "c",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });
const JSON_HEADERS = { "content-type": "application/json" };

/** The text in two parts, both of whole characters; the first is never empty. */
function halves(text) {
  const characters = [...text];
  const middle = Math.max(1, Math.ceil(characters.length / 2));
  return [characters.slice(0, middle).join(""), characters.slice(middle).join("")];
}

/** Each character beyond ASCII as `\u` escapes, so that a surrogate pair can be cut in two. */
function escaped(text) {
  return [...JSON.stringify(text).slice(1, -1)]
    .flatMap((character) => character.split(""))
    .map((unit) => (unit > "~" ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}` : unit))
    .join("");
}

export const fails = {
  "a chunk that is cut off": (text) => {
    const [head, tail] = halves(text);
    return raw([
      chunk({ content: head }),
      `data: {"choices":[{"index":0,"delta":{"content":"and \n\n`,
      chunk({ content: tail }),
      chunk({}, "stop"),
      DONE,
    ]);
  },
  "a last chunk that is cut off": (text) =>
    raw([
      chunk({ content: halves(text)[0] }),
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"leng\n\n',
      DONE,
    ]),
  "a finish reason that means failure": (text) =>
    raw([chunk({ content: halves(text)[0] }), chunk({}, "network_error"), DONE]),
  "a finish reason that nobody knows": (text) =>
    raw([chunk({ content: halves(text)[0] }), chunk({}, "gremlins"), DONE]),
  "an error event in plain words": (text) =>
    raw([chunk({ content: halves(text)[0] }), "event: error\ndata: upstream connection lost\n\n", DONE]),
  "an error event with a detail": (text) =>
    raw([chunk({ content: halves(text)[0] }), `event: error\n${json({ detail: "worker died" })}`, DONE]),
  "a connection that is reset": (text) => raw([chunk({ content: halves(text)[0] }), 5], { ending: "cut" }),
  "an end without an end mark": (text) => raw([chunk({ content: halves(text)[0] })]),
  "a page in the middle": (text) =>
    raw([chunk({ content: halves(text)[0] }), "<html><head><title>504 Gateway Time-out</title></head></html>"]),
  "an event of unknown shape": (text) =>
    raw([chunk({ content: halves(text)[0] }), json({ surprise: halves(text)[1] }), chunk({}, "stop"), DONE]),
  "all in the reasoning": (text) =>
    raw([chunk({ content: null }), chunk({ reasoning_content: text }), chunk({}, "stop"), DONE]),
  "nothing at all": () => raw([chunk({ role: "assistant", content: "" }), chunk({}, "stop"), DONE]),
  "no answer": () => reset(),
  "an overload": () => error(529, { error: { message: "Overloaded", type: "overloaded_error" } }),
  "a wait told in the body": () =>
    error(429, [
      {
        error: {
          code: 429,
          status: "RESOURCE_EXHAUSTED",
          message: "Too many requests",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.25s" }],
        },
      },
    ]),
  "an output that did not validate": () =>
    error(400, {
      error: { message: "The JSON does not validate", type: "invalid_request_error", code: "json_validate_failed" },
    }),
};

export const reads = {
  "a last chunk that repeats all": (text) => {
    const [head, tail] = halves(text);
    const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content: text } };
    return raw([
      chunk({ content: head }),
      chunk({ content: tail }),
      json({ id: "c", object: "chat.completion", choices: [choice] }),
      DONE,
    ]);
  },
  "all so far in each chunk": (text) => {
    const whole = (content, finish) =>
      json({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }] });
    return raw([whole(halves(text)[0], null), whole(text, "stop"), DONE]);
  },
  "halves of surrogate pairs in two chunks": (text) => {
    const units = escaped(`${text}`);
    const cut = units.search(/\\ud[89ab]/) + 6;
    const at = cut >= 6 ? cut : Math.ceil(units.length / 2);
    const safe = cut >= 6 || !/\\/.test(units) ? at : units.length;
    const delta = (content) =>
      `data: {"choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`;
    return raw([delta(units.slice(0, safe)), delta(units.slice(safe)), chunk({}, "stop"), DONE]);
  },
  "a choice that is numbered one": (text) =>
    raw([
      json({ choices: [{ index: 1, delta: { content: text }, finish_reason: null }] }),
      json({ choices: [{ index: 1, delta: {}, finish_reason: "stop" }] }),
      DONE,
    ]),
  "channels in the content": (text) =>
    raw([
      chunk({ content: "<|channel|>analysis<|message|>Let me think.<|end|>" }),
      chunk({ content: "<|start|>assistant<|channel|>final<|message|>" }),
      chunk({ content: text }),
      chunk({}, "stop"),
      DONE,
    ]),
  "a template's end token": (text) => raw([chunk({ content: text }), chunk({ content: "<|im_end|>" }, "stop"), DONE]),
  "events without a blank line": (text) => {
    const [head, tail] = halves(text);
    return raw([
      chunk({ content: head }).trimEnd(),
      "\n",
      chunk({ content: tail }).trimEnd(),
      "\n",
      chunk({}, "stop"),
      DONE,
    ]);
  },
  "a stop in capitals": (text) => raw([chunk({ content: text }), chunk({}, "STOP"), DONE]),
  "a number that is none": (text) =>
    raw([
      chunk({ content: text }, null, { timings: 0 }).replace('"timings":0', '"timings":NaN'),
      chunk({}, "stop"),
      DONE,
    ]),
  "one JSON reply": (text) =>
    raw(
      [
        JSON.stringify({
          choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
        }),
      ],
      {
        headers: JSON_HEADERS,
      },
    ),
  "bytes one by one": (text) => {
    const stream = [chunk({ content: text }), chunk({}, "stop"), DONE].join("");
    return raw([...Buffer.from(stream)].map((byte) => Buffer.from([byte])));
  },
};

/** A plan that a strict parser refuses and a repairing one reads. */
export function sloppy(planText) {
  const sloppily = planText.replace(/\}$/, ", // done\n}").replace(/(?<!\[)\]/g, ",]");
  return `Here is the plan:\n\`\`\`json\n${sloppily}\n\`\`\``;
}
