// A model server that costs next to nothing: OpenAI's chat completions as a stream, after a pause.

import { once } from "node:events";
import http from "node:http";

/**
 * Plans as many subtasks as the prompt says ("subtasks: 20"). Of each workflow ("workflow: NAME" in its prompt)
 * `ended(name)` resolves to the time when its synthesis had gone out whole.
 */
export async function startModel({ pauseMs }) {
  const waiting = new Map();
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { model, messages } = JSON.parse(body);
    const text = messages.map(({ content }) => content).join("\n");
    const name = /workflow: (\w+)/.exec(text)?.[1];
    // The planner and the synthesis are the big model's; only the synthesis is given answers.
    const step = model === "small" ? "subtask" : text.includes("ANSWER") ? "synthesis" : "plan";
    setTimeout(() => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunks =
        step === "plan"
          ? [planOf(Number(/subtasks: (\d+)/.exec(text)?.[1] ?? 1))]
          : Array(5).fill("ANSWER of some words. ");
      for (const content of chunks) response.write(event({ delta: { content } }));
      response.write(event({ delta: {}, finish_reason: "stop" }, { prompt_tokens: 100, completion_tokens: 50 }));
      response.end("data: [DONE]\n\n", () => step === "synthesis" && waiting.get(name)?.(performance.now()));
    }, pauseMs);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/v1`,
    ended: (name) => new Promise((resolve) => waiting.set(name, resolve)),
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

const event = (choice, usage) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }], usage })}\n\n`;

function planOf(count) {
  const tasks = Array.from({ length: count }, (_, index) => ({
    id: `t${index + 1}`,
    title: `Part ${index + 1}`,
    instructions: `Write part ${index + 1}.`,
    depends_on: [],
  }));
  return JSON.stringify({ analysis: "Parts.", tasks });
}
