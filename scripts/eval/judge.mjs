// The judge: a model behind an OpenAI-compatible server.

import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../ask/options.mjs";
import { printable } from "../ask/text.mjs";
import { againMessages, parseVerdict, verdictMessages } from "./verdict.mjs";

const CALL_MS = 300_000;
const REPLY_TOKENS = 4_096;
/** Of what its server says of an error. */
const SAID_CHARS_MAX = 300;
const ATTEMPTS = 5;
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 60_000;
/** Of one call that the server refuses for what is in it: no verdict, rather than the end of all. */
const OF_THE_CALL = [400, 413, 422];
/** What servers differ in; the next is tried where one is refused by its name. */
const PARAMETERS = [
  { temperature: 0, max_tokens: REPLY_TOKENS },
  { max_completion_tokens: REPLY_TOKENS },
  { max_tokens: REPLY_TOKENS },
  {},
];

export class Judge {
  #parameters = 0;

  constructor({ url, model, key }) {
    this.url = url;
    this.model = model;
    this.key = key;
  }

  /**
   * The verdict on two texts in this order: `{ winner, a, b, reason, problem, calls, tokens, estimated }`. `winner` is
   * null and `problem` says why where it gave none that can be read, also when asked again.
   */
  async verdict({ prompt, checklist, a, b }) {
    let messages = verdictMessages({ prompt, checklist, a, b });
    const used = { calls: 0, tokens: 0, estimated: false };
    for (let attempt = 1; ; attempt++) {
      const { text, tokens, estimated, refusal } = await this.#ask(messages);
      used.calls += 1;
      used.tokens += tokens;
      used.estimated ||= estimated;
      if (refusal) return { winner: null, problem: refusal, ...used };
      const { problem, ...verdict } = parseVerdict(text, checklist.length);
      if (!problem) return { ...verdict, problem: null, ...used };
      if (attempt === 2) return { winner: null, problem, ...used };
      messages = againMessages(messages, text, problem);
    }
  }

  async #ask(messages) {
    for (let attempt = 1; ; attempt++) {
      const { response, body, network } = await this.#post(messages);
      if (response?.ok) return this.#read(body, messages);
      const said = network ?? `${response.status} ${printable(body.slice(0, SAID_CHARS_MAX))}`;
      if (response && OF_THE_CALL.includes(response.status)) {
        const isParameter = /temperature|max_tokens|max_completion_tokens/.test(body);
        if (!isParameter || this.#parameters === PARAMETERS.length - 1)
          return { text: "", tokens: 0, estimated: false, refusal: `the judge's server refuses: ${said}` };
        this.#parameters += 1;
        continue;
      }
      const mayPass = network !== undefined || response.status === 429 || response.status >= 500;
      if (!mayPass || attempt >= ATTEMPTS)
        throw new Failure(3, `the judge ${this.model} at ${this.url} does not answer (${said}).`);
      const wanted = Number(response?.headers.get("retry-after")) * 1_000;
      await sleep(Math.min(wanted > 0 ? wanted : PAUSE_MS * 2 ** (attempt - 1), PAUSE_MS_MAX));
    }
  }

  async #post(messages) {
    try {
      const response = await fetch(`${this.url}/chat/completions`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(this.key ? { authorization: `Bearer ${this.key}` } : {}),
        },
        body: JSON.stringify({ model: this.model, messages, ...PARAMETERS[this.#parameters] }),
        signal: AbortSignal.timeout(CALL_MS),
      });
      return { response, body: await response.text() };
    } catch (error) {
      return { network: error.cause?.code ?? error.message };
    }
  }

  #read(body, messages) {
    let reply;
    try {
      reply = JSON.parse(body);
    } catch {
      throw new Failure(3, `${this.url} did not answer with JSON: is it an OpenAI-compatible server?`);
    }
    if (!Array.isArray(reply?.choices))
      throw new Failure(3, `${this.url} answered without choices: is it an OpenAI-compatible server?`);
    const text = reply.choices[0]?.message?.content;
    const written = typeof text === "string" ? text : "";
    const counted = reply.usage?.total_tokens;
    const isCount = Number.isSafeInteger(counted) && counted >= 0;
    const guess = Math.ceil((written.length + JSON.stringify(messages).length) / 4);
    return { text: written, tokens: isCount ? counted : guess, estimated: !isCount };
  }
}
