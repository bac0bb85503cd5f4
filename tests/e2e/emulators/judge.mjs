// An OpenAI-compatible server that plays the judge of an eval, honest or with a known error.

import { createServer } from "node:http";
import { CONTROLS } from "../../../scripts/eval/controls.mjs";
import { sha256 } from "../../../scripts/eval/requests.mjs";

/** What an answer is worth: the mark that its writer gave it. The controls have none, and are known. */
function worth(text) {
  if (CONTROLS.some(({ good }) => good === text)) return 9;
  return Number(/\[worth (\d+)\]/.exec(text)?.[1] ?? 0);
}

const verdict = (winner) => (call) => reply(call, winner);

/** How a judge decides between `a` and `b`, and what it writes. */
export const JUDGES = {
  honest: (call) => {
    const [a, b] = [worth(call.a), worth(call.b)];
    return reply(call, a === b ? "tie" : a > b ? "A" : "B");
  },
  "always the first": verdict("A"),
  "always the longer": (call) => reply(call, call.a.length >= call.b.length ? "A" : "B"),
  /** A coin that falls the same way whenever the same texts are compared. */
  random: (call) => reply(call, sha256(`coin ${call.a} ${call.b}`) < "8" ? "A" : "B"),
  malformed: () => "I think that the first one is nicer.",
  "malformed at first": (call) => (call.again ? JUDGES.honest(call) : "A wins."),
};

/** The first statements are ticked, as many as the text is worth. */
function reply({ a, b, statements }, winner) {
  const ticks = (text) => Array.from({ length: statements }, (_, index) => index < worth(text));
  return JSON.stringify({ a: ticks(a), b: ticks(b), reason: "It is worth more.", winner });
}

/**
 * `{ url, calls, decide, close() }`. `decide(call)` gives what it writes, and may be changed; a number is an HTTP
 * status instead. `calls` have `{ a, b, statements, again, number, text, headers }`.
 */
export async function startJudge(decide = JUDGES.honest) {
  const judge = { decide, calls: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { messages, model } = JSON.parse(Buffer.concat(chunks).toString());
    const text = messages[1].content;
    const call = {
      a: between(text, "answer-A"),
      b: between(text, "answer-B"),
      statements: Number(/The checklist, (\d+) statements/.exec(text)[1]),
      again: messages.length > 2,
      number: judge.calls.length + 1,
      text: messages.map(({ content }) => content).join("\n"),
      headers: request.headers,
      path: request.url,
      model,
    };
    judge.calls.push(call);
    const content = judge.decide(call);
    const isStatus = typeof content === "number";
    response.writeHead(isStatus ? content : 200, { "content-type": "application/json" });
    const usage = { prompt_tokens: 300, completion_tokens: 50, total_tokens: 350 };
    const message = { role: "assistant", content };
    response.end(JSON.stringify(isStatus ? { error: { message: "no" } } : { choices: [{ index: 0, message }], usage }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  judge.url = `http://127.0.0.1:${server.address().port}/v1`;
  judge.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return judge;
}

function between(text, tag) {
  return new RegExp(`<(${tag}-[0-9a-f]+)>\\n([^]*?)\\n</\\1>`).exec(text)[2];
}
