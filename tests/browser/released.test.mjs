// The clients of the released 0.1.0, its console and its `ask`, on a deployment of this build: they know none of the
// new steps and events, and what they show must be right all the same.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONFERENCE } from "../e2e/support/prompts.mjs";
import { startForFile } from "../e2e/support/worker.mjs";
import { startBrowser } from "./support/browser.mjs";
import { holds } from "./support/console.mjs";

const PACKAGE = fileURLToPath(new URL("../fixtures/releases/orchestrator-workers-0.1.0.tgz", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

const unpacked = mkdtempSync(path.join(tmpdir(), "released-"));
after(() => rmSync(unpacked, { recursive: true, force: true }));
execFileSync("tar", ["xzf", PACKAGE, "-C", unpacked]);

const { api, url } = await startForFile({ vars: { DEMO_SPEED: "0.3" } });
const { newPage } = await startBrowser(url);

/** The page and its assets are those of 0.1.0; the API is that of this build. */
async function releasedConsole() {
  const page = await newPage();
  const file = (name) => readFileSync(path.join(unpacked, "package/build/console", name));
  await page.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    const isPage = route.request().resourceType() === "document";
    if (!isPage && !pathname.startsWith("/assets/")) return route.continue();
    const name = isPage ? "index.html" : pathname.slice(1);
    return route.fulfill({ body: file(name), contentType: TYPES[path.extname(name)] });
  });
  return page;
}

// All that is new at once: a contract that is assembled with an edit, reviewed, and made into JSON.
const OPTIONS = {
  review: "once",
  output_schema: { type: "object", required: ["a"], properties: { a: { type: "null" } } },
};

test("the console of 0.1.0 follows a run that is assembled, reviewed and made into JSON to its end", async () => {
  const id = await api.submit({ prompt: CONFERENCE, options: OPTIONS });
  const page = await releasedConsole();
  await page.goto(`/${id}`);
  const status = await api.reach(id, "complete", 30_000);
  await page.locator('[data-status="complete"]').first().waitFor();
  const added = "The demo's reviewer added these words";
  assert.ok(status.output.finalResult.includes(added));
  // The answer that it shows at the end is that of STATUS, and nothing on the page went wrong.
  await page.reload();
  await page.locator('[data-status="complete"]').first().waitFor();
  await holds(async () => assert.ok((await page.locator("main").innerText()).includes("Demo: no language model")));
});

test("ask of 0.1.0 gets the final answer of such a run", async () => {
  const program = path.join(unpacked, "package/scripts/package/program.mjs");
  const args = [program, "ask", "--url", url, "--quiet", CONFERENCE];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  assert.match(stdout, /^Demo: no language model was called\./);
  assert.match(stdout, /The demo's editor added these words/);
});
