// A proxy in front of /mcp for the conformance suite, some of whose scenarios call tools that only its own server has:
// here these are calls of ours that do what the suite's tool is there for. Nothing that comes back is changed.

import { once } from "node:events";
import http from "node:http";
import { error, plan, text } from "../emulators/scripts.mjs";

/** `{ url, close }` of the proxy. `emulator` plays the models, as each tool of the suite wants them. */
export async function renamed(target, emulator) {
  const start = (script, more = {}) => ({
    name: "start_workflow",
    arguments: { prompt: emulator.workflow(script).prompt(), mode: "direct", ...more },
  });
  const slowly = (seconds) => () => text("It is done.", { pieces: ["It is ", "done."], pauseMs: seconds * 1_000 });
  const tools = {
    greet: () => ({ name: "list_workflows", arguments: {} }),
    test_logging_tool: () => ({ name: "list_workflows", arguments: {} }),
    test_streaming_elicitation: () => ({ name: "list_workflows", arguments: {} }),
    test_error_handling: () => ({ name: "get_workflow", arguments: { id: "nobody" } }),
    test_tool_with_progress: () => start(slowly(0.3), { wait_seconds: 20 }),
    slow_compute: ({ seconds }) =>
      seconds === 0 ? start(slowly(0), { wait_seconds: 20 }) : start(slowly(Math.min(seconds * 0.3, 4))),
    failing_job: () => start(() => error(400, { error: { message: "No.", type: "invalid_request_error" } })),
    confirm_delete: () =>
      start((call) => (call.step === "plan" ? plan(["t1", "t2"]) : undefined), { mode: "split", approval: "plan" }),
  };
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const message = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    const headers = { ...request.headers };
    const { method, params } = message;
    if (method === "tools/call" && tools[params.name]) {
      const theirs = params.name;
      Object.assign(params, tools[theirs](params.arguments ?? {}));
      if (headers["mcp-name"] === theirs) headers["mcp-name"] = params.name;
    }
    // What the suite's elicitation has as `confirm`.
    if (method === "tasks/update")
      for (const { content } of Object.values(params.inputResponses)) if (content?.confirm) content.approve = true;
    for (const name of ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"])
      delete headers[name];
    const body = request.method === "POST" ? JSON.stringify(message) : undefined;
    const answer = await fetch(target, { method: request.method, headers, body });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/mcp`, close: () => server.close() };
}
