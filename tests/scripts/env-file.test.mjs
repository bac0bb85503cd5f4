// `--env-file` is ours in every way in: Node, which has such an option, never sees it (scripts/lib/env-file.mjs).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { envFileNote } from "../../scripts/lib/env-file.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { commandOf, stagesOf } from "../e2e/support/dockerfile.mjs";

const PROGRAM = "scripts/package/program.mjs";
const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-env-file-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const wrong = path.join(folder, "wrong.env");
writeFileSync(wrong, "NODE_OPTIONS=--no-such-option\n");

const npm = (name) => ["npm", "run", "--silent", name, "--"];
/** As npm installs it: behind a link without an extension. */
const link = path.join(folder, "orchestrator-workers");
symlinkSync(inRoot(PROGRAM), link);
const packaged = (...args) => [process.execPath, "--", link, ...args];

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

test("every env runs the package's program by itself, and there Node reads the file first, as the help says", () => {
  const [first] = readFileSync(inRoot(PROGRAM), "utf8").split("\n");
  // The kernel hands all that follows over as one argument, and BusyBox's env takes no options.
  assert.match(first, /^#!\/usr\/bin\/env \w+$/);
  const env = first.slice("#!".length).split(" ");
  assert.equal(run([...env, link, "--version"]).status, 0);
  const { status, stderr } = run([...env, link, "serve", "--env-file", path.join(folder, "none.env")]);
  assert.deepEqual([status, stderr.includes("error: ")], [9, false], stderr);
  assert.match(envFileNote("serve", 4, false), /^\n {4}\(Node .* ends with 9 .*\n {5}node -- .* serve \.\.\.\)$/);
  assert.equal(envFileNote("serve", 4, true), "");
});

test("every script of npm, and what the image and the unit start, begins so", () => {
  const { scripts } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  for (const [name, command] of Object.entries(scripts)) assert.match(command, /^(exec )?node -- scripts\//, name);
  const [, image] = stagesOf(inRoot("Dockerfile"));
  assert.deepEqual(commandOf(image, "ENTRYPOINT").slice(0, 2), ["node", "--"]);
  const unit = readFileSync(inRoot("packaging/orchestrator-workers.service"), "utf8");
  assert.match(unit, /^ExecStart=\/usr\/bin\/env node -- \/\S+\/bin\/orchestrator-workers serve /m);
  const pages = ["README.md", ...readdirSync(inRoot("docs")).map((name) => `docs/${name}`)];
  for (const page of pages.filter((name) => name.endsWith(".md")))
    for (const [line] of readFileSync(inRoot(page), "utf8").matchAll(
      /^.*orchestrator-workers.* serve .*--env-file .*$/gm,
    ))
      if (!line.startsWith("|")) assert.match(line, /^node -- /, page);
});
