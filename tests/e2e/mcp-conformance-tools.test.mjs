// Scenarios of the conformance suite that call tools of its own, with ours in their place (mcp/renamed.mjs): tools,
// their progress and errors, and the Tasks extension. TEST_FULL=1 runs those that take longer too.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { capture } from "../../scripts/lib/exec.mjs";
import { mcpClients } from "../../scripts/setup/mcp-clients.mjs";
import { renamed } from "./mcp/renamed.mjs";
import { startWithOpenai } from "./support/worker.mjs";

const REVISION = ["--spec-version", "2026-07-28"];
const SCENARIOS = [
  ["server-stateless", REVISION],
  ["tools-call-error", REVISION],
  ["tools-call-with-progress", REVISION],
  ["tasks-dispatch-and-envelope", []],
  ["tasks-mrtr-input", []],
];
const LONGER = [
  ["tasks-lifecycle", []],
  ["tasks-wire-fields", []],
  ["tasks-request-state-removal", []],
  ["tasks-request-headers", []],
  ["tasks-capability-negotiation", []],
];

const folder = mkdtempSync(path.join(os.tmpdir(), "mcp-conformance-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const packages = await mcpClients();
const suite = path.join(packages, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const baseline = fileURLToPath(new URL("mcp/conformance-renamed.yml", import.meta.url));
// Without tokens, because the suite has none to send.
const { emulator, url } = await startWithOpenai();
const proxy = await renamed(`${url}/mcp`, emulator);
after(() => proxy.close());

test("scenarios that call tools of the suite, with ours in their place", { timeout: 240_000 }, async (context) => {
  const scenarios = process.env.TEST_FULL ? [...SCENARIOS, ...LONGER] : SCENARIOS;
  for (const [name, flags] of scenarios) {
    const { code, stdout } = await capture(process.execPath, [
      ...[suite, "server", "--url", proxy.url, "--scenario", name, ...flags],
      ...["--expected-failures", baseline, "--output-dir", folder],
    ]);
    assert.equal(code, 0, `${name}: ${stdout}`);
  }
  const checks = readdirSync(folder).flatMap((name) =>
    JSON.parse(readFileSync(path.join(folder, name, "checks.json"), "utf8")),
  );
  const count = (wanted) => checks.filter(({ status }) => status === wanted).length;
  context.diagnostic(
    `figure: mcp conformance: 2026-07-28, with our tools in place of the suite's: ${count("SUCCESS")} checks of ` +
      `${scenarios.length} scenarios pass, ${count("FAILURE")} fail as listed`,
  );
});
