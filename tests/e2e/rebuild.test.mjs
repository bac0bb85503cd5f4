// A new build of the console while wrangler serves the last one: no page names what is not found, and the next page is
// the new one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { publish } from "../../scripts/build/publish.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { endAll } from "../../scripts/lib/processes.mjs";
import { wrangler } from "../../scripts/lib/wrangler.mjs";
import { eventually } from "./support/eventually.mjs";
import { freePort } from "./support/ports.mjs";

const READY_WITHIN_MS = 60_000;
const folder = mkdtempSync(path.join(os.tmpdir(), "rebuild-"));
const served = path.join(folder, "console");
const port = await freePort();
const url = `http://127.0.0.1:${port}`;

// The console of this build, served by a Worker that does no more than hand out its page. With [build], as ours.
writeFileSync(
  path.join(folder, "worker.js"),
  'export default { fetch: (_, env) => env.ASSETS.fetch("https://assets/index.html") };',
);
mkdirSync(path.join(folder, "src"));
const [assets] = /\[assets\]\n[^[]*(?:\["[^\n]*\n)?/.exec(readFileSync(inRoot("wrangler.toml"), "utf8"));
writeFileSync(
  path.join(folder, "wrangler.toml"),
  `name = "rebuild"\nmain = "worker.js"\ncompatibility_date = "2026-10-01"\nsend_metrics = false\n` +
    `[build]\ncommand = "node --version"\nwatch_dir = "src"\n${assets.replace("build/console", "console")}\n`,
);
publish(built("one"), served, "index.html");
const child = spawn("node", [wrangler(), "dev", "--port", String(port), "--show-interactive-dev-session=false"], {
  cwd: folder,
  detached: true,
  stdio: ["ignore", "pipe", "pipe"],
});
let output = "";
for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => (output += chunk));
after(async () => {
  const exited = once(child, "exit");
  if (child.exitCode === null) {
    await endAll([child.pid]);
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A new build in a folder of its own: the console's files, in which `word` tells it from others. */
function built(word) {
  const from = mkdtempSync(path.join(folder, "new-"));
  cpSync(inRoot("build/console"), from, { recursive: true });
  const edit = (name, change) => {
    const file = path.join(from, name);
    writeFileSync(file, change(readFileSync(file, "utf8")));
  };
  edit("assets/console.js", (text) => `${text}\n// ${word}`);
  edit("index.html", (text) => text.replace(/\?v=\w+/g, `?v=${word}`));
  return from;
}

/** The page as a browser has it: `{ version, script }`, once everything that it names is there. */
async function load() {
  const page = await (await fetch(url)).text();
  const names = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, name]) => name);
  assert.equal(names.length, 3, page);
  let script = "";
  for (const name of names) {
    const response = await fetch(url + name);
    const text = await response.text();
    assert.equal(response.status, 200, name);
    if (name.includes(".js")) script = text;
  }
  return { version: /\?v=(\w+)/.exec(page)[1], script };
}

test("a server that runs serves each page of a new build with all that it names", { timeout: 120_000 }, async () => {
  await eventually(
    `wrangler answers: ${output}`,
    () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    READY_WITHIN_MS,
  );
  assert.equal((await load()).version, "one");
  for (const word of ["two", "three"]) {
    const looking = Array.from({ length: 20 }, load);
    publish(built(word), served, "index.html");
    await Promise.all(looking);
    const { version, script } = await load();
    assert.equal(version, word);
    assert.ok(script.endsWith(`// ${word}`), "and its script is the new one");
  }
});
