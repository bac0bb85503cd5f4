// Python's MCP SDK against /mcp, in both eras of the protocol.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { capture } from "../../scripts/lib/exec.mjs";
import { mcpPython } from "../../scripts/setup/mcp-clients.mjs";
import { text } from "./emulators/scripts.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const TOKEN = "alice-0123456789abcdef0123";
const LONG = Array.from({ length: 30 }, (_, n) => `## Section ${n} 🎉\n\n${"Words and words. ".repeat(30)}\n`).join(
  "\n",
);
const { emulator, url } = await startWithOpenai({ token: TOKEN, vars: { API_TOKENS: `alice:${TOKEN}` } });

const python = await mcpPython();
for (const [mode, version] of [
  ["auto", "2026-07-28"],
  ["legacy", "2025-11-25"],
])
  test(`Python's SDK, ${mode}`, { skip: python === null && "there is no Python", timeout: 60_000 }, async () => {
    const workflow = emulator.workflow(() => text(LONG, { pieces: LONG.split(/(?<=\n)/), pauseMs: 5 }));
    const script = fileURLToPath(new URL("mcp/client.py", import.meta.url));
    const { code, stdout, stderr } = await capture(python, [script, `${url}/mcp`, TOKEN, mode, workflow.prompt("Go.")]);
    assert.equal(code, 0, stderr);
    const seen = JSON.parse(stdout);
    assert.deepEqual([seen.version, seen.tools.length, seen.status], [version, 6, "complete"]);
    assert.equal(seen.whole, seen.joined);
    assert.equal(seen.whole.trim(), LONG.trim());
    assert.equal(seen.end_in_python, true, "characters are counted as Python counts them");
    const refused = await capture(python, [script, `${url}/mcp`, "nobody-0123456789abcdef0", mode, "Go."]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /this token is not one of API_TOKENS/);
    assert.equal(seen.wrong[0], true);
    assert.match(seen.wrong[1], /nobody/);
  });
