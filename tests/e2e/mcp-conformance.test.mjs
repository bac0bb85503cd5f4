// The conformance suite of the Model Context Protocol against /mcp, at each revision that is spoken there. What it
// can't see pass is listed, with the reason, in mcp/conformance-*.yml.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { capture } from "../../scripts/lib/exec.mjs";
import { mcpClients } from "../../scripts/setup/mcp-clients.mjs";
import { startForFile } from "./support/worker.mjs";

const folder = mkdtempSync(path.join(os.tmpdir(), "mcp-conformance-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const packages = await mcpClients();
const suite = path.join(packages, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
// Without tokens, because the suite has none to send.
const { api, url } = await startForFile({ vars: { DEMO_SPEED: "0" } });
// So that there is an answer to list and to read.
await api.run("Why is the sky blue?");

/** These are about the protocol itself, so none of them may be expected to fail as a whole. */
const OURS = [
  "server-stateless",
  "tools-list",
  "dns-rebinding-protection",
  "caching",
  "http-header-validation",
  "resources-list",
  "sep-2164-resource-not-found",
  "prompts-list",
  "server-initialize",
  "ping",
];

const REVISIONS = [
  ["2026-07-28", "2026-07-28"],
  ["2025-11-25", "2025-11-25"],
  ["2025-06-18", "2025-11-25"],
];

for (const [revision, expected] of process.env.TEST_FULL ? REVISIONS : REVISIONS.slice(0, 2)) {
  test(`the conformance suite at ${revision}`, { timeout: 120_000 }, async (context) => {
    const baseline = fileURLToPath(new URL(`mcp/conformance-${expected}.yml`, import.meta.url));
    const whole = readFileSync(baseline, "utf8").match(/^ {2}- [\w-]+$/gm);
    for (const name of OURS) assert.ok(!whole.includes(`  - ${name}`), name);
    const results = path.join(folder, revision);
    const { code, stdout } = await capture(process.execPath, [
      ...[suite, "server", "--url", `${url}/mcp`, "--suite", "all", "--spec-version", revision],
      ...["--expected-failures", baseline, "--output-dir", results],
    ]);
    assert.equal(code, 0, stdout);
    const failing = ({ status }) => status === "FAILURE" || status === "WARNING";
    const scenarios = readdirSync(results).map((name) => {
      const checks = JSON.parse(readFileSync(path.join(results, name, "checks.json"), "utf8"));
      const [, scenario] = /^server-(.+?)-\d{4}-\d\d-\d\dT/.exec(name);
      // But for the checks of server-stateless that the list names.
      if (OURS.includes(scenario) && scenario !== "server-stateless")
        assert.deepEqual(checks.filter(failing), [], scenario);
      return checks;
    });
    const clean = scenarios.filter((checks) => !checks.some(failing)).length;
    const passed = scenarios.flat().filter(({ status }) => status === "SUCCESS").length;
    const failed = scenarios.flat().filter(failing).length;
    assert.ok(clean >= 6, `${clean} scenarios pass`);
    context.diagnostic(
      `figure: mcp conformance: ${revision}: ${clean} of ${scenarios.length} scenarios pass whole, ${passed} checks ` +
        `pass, ${failed} need what only the suite's own server has or are optional, none fails otherwise`,
    );
  });
}
