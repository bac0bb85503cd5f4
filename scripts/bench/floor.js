// The floor: the least that a Durable Object can do for the same calls. It journals nothing, repeats nothing and
// validates nothing.

import { DurableObject } from "cloudflare:workers";

export class Floor extends DurableObject {
  async fetch(request) {
    const { prompt } = await request.json();
    this.ctx.waitUntil(run(this.env.MODEL_URL, prompt));
    return Response.json({ status: "running" }, { status: 202 });
  }
}

async function run(url, prompt) {
  const { tasks } = JSON.parse(await call(url, "big", prompt));
  const answers = await Promise.all(tasks.map((task) => call(url, "small", `${prompt}\n${task.instructions}`)));
  await call(url, "big", [prompt, ...answers].join("\n"));
}

async function call(url, model, content) {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: "user", content }] });
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  // Piece by piece, as whoever shows the text while it is written must read it.
  let stream = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) stream += chunk;
  const events = stream.split("\n\n").filter((event) => event.startsWith("data: {"));
  return events.map((event) => JSON.parse(event.slice("data: ".length)).choices[0].delta.content ?? "").join("");
}

export default {
  fetch: (request, env) => env.FLOOR.get(env.FLOOR.newUniqueId()).fetch(request),
};
