// `npm test`: cargo's tests, then the end-to-end tests on the built Worker, those of the console in a real browser.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "./build/worker.mjs";
import { run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main, say, seconds } from "./lib/say.mjs";
import { chromium } from "./setup/chromium.mjs";
import { setUp } from "./setup/index.mjs";

/** Each file starts a workerd of its own: more at once only make each other slow. */
const FILES_AT_ONCE = 2;

await main(async () => {
  const started = Date.now();
  const { env } = await setUp();
  // Before anything that takes long: in CI a missing browser is an error.
  const browser = await chromium();
  const failed = [];
  if ((await run("cargo", ["test", "--locked"], { env })) !== 0) failed.push("cargo test");
  await build();
  await build({ crashTest: true });
  const flags = ["--test", `--test-concurrency=${FILES_AT_ONCE}`, "--test-reporter=spec"];
  if ((await run("node", [...flags, ...testFiles(browser !== null)], { env })) !== 0) failed.push("the end-to-end tests");
  say(failed.length === 0 ? `\nAll tests passed (${seconds(started)}).` : `\nFailed: ${failed.join(", ")}.`);
  return failed.length === 0 ? 0 : 1;
});

function testFiles(browser) {
  return ["tests/e2e", "tests/scripts", "tests/console", ...(browser ? ["tests/browser"] : [])]
    .map((folder) => inRoot(folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".test.mjs"))
        .map((name) => path.join(folder, name)),
    );
}
