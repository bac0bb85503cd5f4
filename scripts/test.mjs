// `npm test`: cargo's tests, then the end-to-end tests on the built Worker, those of the console in a real browser.
// `npm run test:full` (`--full`) runs the same with the long forms of the tests that have one.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "./build/worker.mjs";
import { capture, runAndRead } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main, say, seconds } from "./lib/say.mjs";
import { chromium } from "./setup/chromium.mjs";
import { setUp } from "./setup/index.mjs";
import { jsonSchemaSuite } from "./setup/json-schema-suite.mjs";
import { schemathesis } from "./setup/schemathesis.mjs";

/** Each file starts a workerd of its own: more at once only make each other slow. */
const FILES_AT_ONCE = 2;
/** These do nothing but wait, for minutes: beside the others, and from the first moment. */
const WAITING = ["wrong-variable.test.mjs"];
/** What asks for the long forms: our own word, and what proptest and the simulation read. */
const FULL = { TEST_FULL: "1", PROPTEST_CASES: "5000", SIM_WORKFLOWS: "100000" };

await main(async () => {
  const started = Date.now();
  const tools = await setUp();
  const env = process.argv.includes("--full") ? { ...FULL, ...tools.env } : tools.env;
  // Before anything that takes long: in CI a missing browser or Python is an error. Python's test leaves itself out.
  const browser = await chromium();
  await schemathesis();
  const withSuite = { ...env, JSON_SCHEMA_SUITE: (await jsonSchemaSuite()) ?? "" };
  const native = await runAndRead("cargo", ["test", "--locked", "--no-fail-fast"], { env: withSuite });
  await build();
  await build({ crashTest: true });
  const endToEnd = await runEndToEnd(testFiles(browser !== null), env);
  const failed = [native.code && "cargo test", endToEnd.code && "the end-to-end tests"].filter(Boolean);
  console.log(["", "Figures:", ...figures(native.stdout + endToEnd.stdout)].join("\n"));
  say(`\n${failed.length === 0 ? "All tests passed" : `Failed: ${failed.join(", ")}`} (${seconds(started)}).`);
  const count = (word) =>
    sum(native.stdout, new RegExp(`^test result:.* (\\d+) ${word}ed;`, "gm")) +
    sum(endToEnd.stdout, new RegExp(`^\\S+ ${word} (\\d+)$`, "gm"));
  console.log(`${count("pass")} passed, ${count("fail")} failed`);
  return failed.length === 0 ? 0 : 1;
});

/** `{ code, stdout }` of all files. What the waiting ones print comes after the rest, in one piece. */
async function runEndToEnd(files, env) {
  const flags = ["--test", `--test-concurrency=${FILES_AT_ONCE}`, "--test-reporter=spec"];
  const waits = (file) => WAITING.includes(path.basename(file));
  const waiting = capture("node", [...flags, ...files.filter(waits)], { env });
  const others = await runAndRead("node", [...flags, ...files.filter((file) => !waits(file))], { env });
  const waited = await waiting;
  process.stdout.write(waited.stdout);
  process.stderr.write(waited.stderr);
  return { code: others.code || waited.code, stdout: others.stdout + waited.stdout };
}

/** What the tests measured: their lines that begin with "figure:". */
function figures(text) {
  return [...text.matchAll(/^\W*figure: (.+)$/gm)].map(([, figure]) => `  ${figure}`);
}

/** The sum of the numbers that `pattern` finds. */
function sum(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
}

function testFiles(browser) {
  return ["tests/e2e", "tests/doors", "tests/scripts", "tests/console", ...(browser ? ["tests/browser"] : [])]
    .map((folder) => inRoot(folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".test.mjs"))
        .map((name) => path.join(folder, name)),
    );
}
