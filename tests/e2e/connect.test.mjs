// The lines of docs/connect.md, run as they stand: only the address is another. What needs a front end is not run.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { mcpClients } from "../../scripts/setup/mcp-clients.mjs";
import { openaiPython } from "../../scripts/setup/openai-python.mjs";
import { blocksOf, read, section } from "./support/pages.mjs";
import { startForFile } from "./support/worker.mjs";

const TOKEN = "token-of-a-reader-0123456789";
const worker = await startForFile({ vars: { DEMO_SPEED: "0", API_TOKENS: `reader:${TOKEN}` }, token: TOKEN });
const env = { ...process.env, TOKEN };
const PAGE = read("docs/connect.md").replaceAll("https://orchestrator.example.com", worker.url);
const ANSWER = /Demo: no language model was called\./;
/** Once in each answer. */
const LEAD = "A model would have written the lead here.";
// In the project, so that its packages and its own name are found; `build` is a package of its own.
mkdirSync(inRoot(".wrangler"), { recursive: true });
const folder = mkdtempSync(inRoot(".wrangler/connect-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (heading, language) =>
  blocksOf(section(PAGE, heading))
    .filter((block) => block.language === language)
    .map(({ code }) => code);

/** The modules of a section, one after the other in one file; its path. */
function moduleOf(heading, within = folder) {
  const file = path.join(within, `${heading.replaceAll(/\W/g, "-")}.mjs`);
  const blocks = codeOf(heading, "js");
  assert.ok(blocks.length > 0, heading);
  writeFileSync(file, blocks.join("\n"));
  return file;
}

const python = await openaiPython();
const run = async (program, args) => (await promisify(execFile)(program, args, { env })).stdout;

describe("the lines of docs/connect.md", { concurrency: 2 }, () => {
  for (const [n, what] of ["the HTTP API", "chat completions", "a response in the background"].entries())
    test(`curl, ${what}`, async () => {
      const command = codeOf("curl", "sh")[n];
      const answer = await run("sh", ["-c", `${command.trim()} -sf`]);
      if (n < 2) assert.match(answer, ANSWER);
      else assert.match(JSON.parse(answer).id, /^resp_/);
    });

  for (const [heading, answers] of [
    ["TypeScript client", 1],
    ["openai for Node", 2],
    ["AI SDK", 2],
    ["LangChain", 1],
  ])
    test(heading, async () => {
      const printed = await run(process.execPath, [moduleOf(heading)]);
      assert.equal(printed.split(LEAD).length - 1, answers, printed);
    });

  test("openai for Python", { skip: python === null && "there is no Python" }, async () => {
    const [code] = codeOf("openai for Python", "python");
    assert.match(await run(python, ["-c", code]), ANSWER);
  });

  test("MCP SDKs", async () => {
    // They are packages of the tests alone, in a folder of their own.
    const within = path.join(folder, "mcp");
    mkdirSync(within);
    symlinkSync(path.join(await mcpClients(), "node_modules"), path.join(within, "node_modules"));
    const id = (await run(process.execPath, [moduleOf("MCP SDKs", within)])).trim();
    assert.equal((await worker.api.get(`/workflows/${id}`)).status, 200, id);
  });

  test("AI SDK in a page", async () => {
    process.env.TOKEN = TOKEN;
    const { POST } = await import(pathToFileURL(moduleOf("AI SDK in a page")).href);
    const messages = [{ role: "user", parts: [{ type: "text", text: "Compare SQLite, PostgreSQL and DuckDB" }] }];
    const response = await POST(
      new Request("http://localhost", { method: "POST", body: JSON.stringify({ messages }) }),
    );
    assert.equal(response.headers.get("x-vercel-ai-ui-message-stream"), "v1");
    assert.match(await response.text(), ANSWER);
  });

  test("every block of JSON is JSON", () => {
    const blocks = blocksOf(PAGE).filter(({ language }) => language === "json");
    assert.ok(blocks.length >= 3);
    for (const { code } of blocks) JSON.parse(code);
  });
});
