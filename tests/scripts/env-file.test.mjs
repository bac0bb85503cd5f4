// `--env-file` is ours in every way in: Node, which has such an option, never sees it (scripts/lib/env-file.mjs).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { commandOf, stagesOf } from "../e2e/support/dockerfile.mjs";

const PROGRAM = "scripts/package/program.mjs";
const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-env-file-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const wrong = path.join(folder, "wrong.env");
writeFileSync(wrong, "NODE_OPTIONS=--no-such-option\n");

const npm = (name) => ["npm", "run", "--silent", name, "--"];
/** As the kernel runs it: what follows the program in its first line is one argument. */
function packaged(...args) {
  const [, program, argument] = /^#!(\S+) (.+)\n/.exec(readFileSync(inRoot(PROGRAM), "utf8"));
  return [program, argument, inRoot(PROGRAM), ...args];
}

const WAYS = {
  "npm run serve": npm("serve"),
  "npm run doctor": npm("doctor"),
  "npm start": npm("start"),
  "npm run deploy:staging": npm("deploy:staging"),
  "the package's serve": packaged("serve"),
  "the package's doctor": packaged("doctor"),
};

function run([program, ...args]) {
  const env = { ...process.env, NODE_OPTIONS: "" };
  return spawnSync(program, args, { cwd: inRoot(), env, encoding: "utf8", timeout: 30_000 });
}

for (const [way, command] of Object.entries(WAYS))
  test(`${way}: a file that can't be read is a wrong option, and its variables are not those of our Node`, () => {
    for (const file of [path.join(folder, "none.env"), folder]) {
      const { status, stderr } = run([...command, `--env-file=${file}`]);
      assert.equal(status, 78, stderr);
      assert.ok(stderr.includes(`error: --env-file ${file} can't be read: `), stderr);
    }
    // wrangler's own Node, which the others run, is not ours.
    if (!/serve|doctor/.test(way)) return;
    // The help comes before the file is read, but Node would not come so far.
    const helped = run([...command, "--env-file", wrong, "--help"]);
    assert.doesNotMatch(helped.stderr, /no-such-option is not allowed/);
  });

test("every script of npm, and of the image, begins so", () => {
  const { scripts } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  for (const [name, command] of Object.entries(scripts)) assert.match(command, /^(exec )?node -- scripts\//, name);
  const [, image] = stagesOf(inRoot("Dockerfile"));
  assert.equal(commandOf(image, "ENTRYPOINT")[0], "orchestrator-workers");
});
