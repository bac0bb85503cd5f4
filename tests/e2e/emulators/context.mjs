// A model's context, kept as strictly as a server keeps it: counted with a real tokenizer, a token too many is refused.

/** What a chat template adds to each message (Llama 3 and Qwen 5, Gemma 6) and once (harmony writes 75 and more). */
const MESSAGE_TOKENS = 6;
const TEMPLATE_TOKENS = 85;

export class Context {
  /** A line for each call that was refused because it is too long. */
  refused = [];

  /** `tokens`: of prompt and reply together. `count`: the tokens of a text. */
  constructor({ tokens, count }) {
    this.tokens = tokens;
    this.count = count;
  }

  /** The script of the refusal of `call`, or null where it fits. */
  refusal(call) {
    const { messages, max_tokens, max_completion_tokens, response_format } = call.body;
    const reply = max_tokens ?? max_completion_tokens;
    const texts = messages.reduce((sum, { content }) => sum + this.count(content) + MESSAGE_TOKENS, TEMPLATE_TOKENS);
    // A server that holds a model to a schema tells it of the schema.
    const schema = response_format ? this.count(JSON.stringify(response_format)) : 0;
    const prompt = texts + schema;
    if (prompt + reply <= this.tokens) return null;
    this.refused.push(`${call.step} ${call.task ?? ""}: ${prompt} + ${reply} of ${this.tokens} tokens`);
    const message =
      `This model's maximum context length is ${this.tokens} tokens. However, you requested ${prompt + reply} tokens ` +
      `(${prompt} in the messages, ${reply} in the completion). Please reduce the length of the messages.`;
    return {
      kind: "error",
      status: 400,
      body: {
        error: { message, type: "invalid_request_error", param: "messages", code: "context_length_exceeded" },
      },
    };
  }

  /** `text` as the model would write it: cut where the limit of the call ends it. */
  reply(call, text) {
    const limit = call.body.max_tokens ?? call.body.max_completion_tokens;
    const tokens = this.count(text);
    if (tokens <= limit) return { text, finish: "stop" };
    return { text: text.slice(0, Math.floor((text.length * limit * 0.98) / tokens)), finish: "length" };
  }
}
