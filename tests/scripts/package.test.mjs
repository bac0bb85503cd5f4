// What the package is made of: the configuration derived from the project's, and the command that its messages name.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { packageCommand } from "../../scripts/lib/command.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { configFor, packagedConfig } from "../../scripts/package/config.mjs";
import { repositoryOfWorkflow } from "../../scripts/package/stage.mjs";

const lines = (toml) => toml.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
const project = readFileSync(inRoot("wrangler.toml"), "utf8");

test("the package's configuration is the project's but for what builds", () => {
  const packaged = packagedConfig(project);
  const added = lines(packaged).filter((line) => !lines(project).includes(line));
  const removed = lines(project).filter((line) => !lines(packaged).includes(line));
  assert.deepEqual(added, []);
  assert.deepEqual(removed, ["[build]", 'command = "node scripts/build.mjs"', 'watch_dir = ["src", "client"]']);
});

test("a configuration that changed its form is an error, not a broken package", () => {
  assert.throws(() => packagedConfig(project.replace("[build]", "[builds]")), /wrangler\.toml has no/);
  const elsewhere = project.replace("build/bundle/main.js", "src/main.js");
  assert.throws(() => configFor(elsewhere, "/somewhere"), /wrangler\.toml has no/);
});

test("in the reader's folder the configuration names the package's by absolute paths", () => {
  const config = configFor(packagedConfig(project), '/a "folder" $&');
  assert.ok(config.includes('main = "/a \\"folder\\" $&/build/bundle/main.js"'));
  assert.ok(config.includes('directory = "/a \\"folder\\" $&/build/console"'));
});

test("messages name the command that the reader typed", (t) => {
  const home = mkdtempSync(path.join(tmpdir(), "orchestrator-command-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const command = (installed, spec, current = home) => {
    const folder = path.join(home, installed, "node_modules/orchestrator-workers");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "package.json"), '{"name": "orchestrator-workers"}');
    writeFileSync(
      path.join(home, installed, "package.json"),
      JSON.stringify({ dependencies: { "orchestrator-workers": spec } }),
    );
    return packageCommand(folder, current);
  };
  assert.equal(command("_npx/1", "file:../../x-0.1.0.tgz"), "npx ./x-0.1.0.tgz");
  assert.equal(command("_npx/2", "file:../../x.tgz", path.join(home, "deeper")), "npx ../x.tgz");
  assert.equal(command("_npx/3", "file:../../my folder/x.tgz"), "npx './my folder/x.tgz'");
  assert.equal(command("_npx/4", "https://example.com/x.tgz"), "npx https://example.com/x.tgz");
  assert.equal(command("lib", "file:x.tgz"), "orchestrator-workers");
});

test("a package that a workflow builds names the repository, for npm's provenance", () => {
  assert.equal(repositoryOfWorkflow({}), undefined);
  const env = { GITHUB_ACTIONS: "true", GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "me/mine" };
  assert.deepEqual(repositoryOfWorkflow(env), { type: "git", url: "git+https://github.com/me/mine.git" });
});

test("a tag of another version is refused before anything is built", () => {
  const check = (tag) =>
    spawnSync(process.execPath, [inRoot("scripts/package/check-tag.mjs"), tag], { encoding: "utf8" });
  const { version } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  assert.deepEqual([check(`v${version}`).status, check(`v${version}`).stdout], [0, `${version}\n`]);
  for (const tag of ["v999.0.0", version, ""]) assert.equal(check(tag).status, 1, tag);
});
