// `npm test`: cargo's tests, then the end-to-end tests on the built Worker.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "./build/worker.mjs";
import { run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main, say, seconds } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

/** Each file starts a workerd of its own: more at once only make each other slow. */
const FILES_AT_ONCE = 2;

await main(async () => {
  const started = Date.now();
  const { env } = await setUp();
  const failed = [];
  if ((await run("cargo", ["test", "--locked"], { env })) !== 0) failed.push("cargo test");
  await build();
  await build({ crashTest: true });
  const flags = ["--test", `--test-concurrency=${FILES_AT_ONCE}`, "--test-reporter=spec"];
  if ((await run("node", [...flags, ...testFiles()], { env })) !== 0) failed.push("the end-to-end tests");
  say(failed.length === 0 ? `\nAll tests passed (${seconds(started)}).` : `\nFailed: ${failed.join(", ")}.`);
  return failed.length === 0 ? 0 : 1;
});

function testFiles() {
  return ["tests/e2e", "tests/scripts"]
    .map((folder) => inRoot(folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".test.mjs"))
        .map((name) => path.join(folder, name)),
    );
}
