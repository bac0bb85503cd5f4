// Whether what serves the Worker has brought doors.js too.

import assert from "node:assert/strict";

/** A door answers at `url`, to whom these headers name. */
export async function assertDoorAnswers(url, headers = {}) {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(JSON.parse(text).result.serverInfo.name, "orchestrator-workers", text);
}
