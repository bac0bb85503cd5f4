// What the command lines of `serve`, of what it keeps, and of `doctor` have in common: nothing is empty, and a relative
// path is meant from where the reader stands.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { readOptions as doctorOptions } from "../../scripts/doctor/options.mjs";
import { parseCommandLine } from "../../scripts/eval/options.mjs";
import { inRoot, root } from "../../scripts/lib/paths.mjs";
import { argumentsFromReader, readersFolder } from "../../scripts/lib/reader.mjs";
import { keep } from "../../scripts/serve/keeping.mjs";
import { readOptions as serveOptions } from "../../scripts/serve/options.mjs";

const home = realpathSync(mkdtempSync(path.join(tmpdir(), "orchestrator-options-")));
test.after(() => rmSync(home, { recursive: true, force: true }));

test("an option or an argument that is empty is wrong, as where a variable of the shell is not set", async () => {
  for (const args of [["--data", ""], ["--data="], ["--host", ""], ["--env-file", ""], ["--port="]]) {
    const [name] = args[0].split("=");
    const words = {
      message: `${name} is empty: give it a value, or leave it out. The options: npm run serve -- --help`,
    };
    assert.throws(() => serveOptions(args), { ...words, exitStatus: 78 });
  }
  assert.throws(() => doctorOptions(["--data="]), /^Error: --data is empty/);
  for (const name of ["backup", "restore", "export", "import"]) {
    await assert.rejects(keep(name, ["x", "--data", ""], "1"), { exitStatus: 78, message: /^--data is empty/ });
    await assert.rejects(keep(name, [""], "1"), { exitStatus: 78, message: /^an argument is empty/ });
  }
});

test("where npm runs the script of a clone, the reader stands where npm was called", () => {
  const serve = inRoot("scripts/serve.mjs");
  const npm = {
    INIT_CWD: home,
    npm_package_json: inRoot("package.json"),
    npm_lifecycle_script: "exec node -- scripts/serve.mjs serve",
  };
  assert.equal(readersFolder(serve, root, npm), home);
  for (const [what, ...about] of /** @type {[string, ...any]} */ ([
    ["another script, which started this one", inRoot("scripts/doctor.mjs"), root, npm],
    ["another folder, in which it was started", serve, path.dirname(root), npm],
    ["another project's script", serve, root, { ...npm, npm_package_json: path.join(home, "package.json") }],
    ["no npm", serve, root, {}],
  ]))
    assert.equal(readersFolder(...about), about[1], what);
  for (const [given, meant] of /** @type {[string, string][]} */ ([
    ["deploy --secrets-file s.env --outfile=o", `deploy --secrets-file ${home}/s.env --outfile=${home}/o`],
    ["-c w.toml -e b", `-c ${home}/w.toml -e b`],
    ["-c=w.toml -cw.toml -c", `-c=${home}/w.toml -c${home}/w.toml -c`],
    ["--metafile --minify a", "--metafile --minify a"],
    ["--metafile m a", `--metafile ${home}/m a`],
    ["--env-file a b --name e", `--env-file ${home}/a ${home}/b --name e`],
    ["--secretsFile a --envFile=b", `--secretsFile ${home}/a --envFile=${home}/b`],
  ]))
    assert.equal(argumentsFromReader(given.split(" "), serve, root, npm).join(" "), meant);
  const args = ["--persist-to", "a", "--port", "1", "--env-file=b=c", "--config", "/d", "--persist-to", "--name", "e"];
  const meant = [`${home}/a`, "--port", "1", `--env-file=${home}/b=c`, "--config", "/d", "--persist-to", "--name", "e"];
  assert.deepEqual(argumentsFromReader(args, serve, root, npm), ["--persist-to", ...meant]);
  assert.deepEqual(argumentsFromReader(args, serve, root, {}), args);
});

test("a path is meant from the folder in which the reader called npm, or the script", () => {
  mkdirSync(path.join(home, "below"));
  const from = path.join(home, "below");
  const npm = (name) => ["npm", "--prefix", root, "run", "--silent", name, "--"];
  for (const [command, file] of /** @type {[string[], string][]} */ ([
    [[...npm("serve"), "--env-file", "no.env"], "no.env"],
    [[...npm("doctor"), "--env-file=no.env"], "no.env"],
    [[...npm("start"), "--env-file", "no.env"], "no.env"],
    [[...npm("deploy"), "--env-file", "no.env"], "no.env"],
    [[...npm("backup"), "copy", "--data", "none"], "none"],
    [[...npm("restore"), "none"], "none"],
    [[...npm("import"), "no.jsonl"], "no.jsonl"],
    [[process.execPath, "--", inRoot("scripts/serve.mjs"), "import", "no.jsonl"], "no.jsonl"],
  ])) {
    const [program, ...args] = command;
    const { status, stderr } = spawnSync(program, args, { cwd: from, encoding: "utf8", timeout: 30_000 });
    assert.notEqual(status, 0);
    assert.ok(stderr.includes(path.join(from, file)), `${command.join(" ")}: ${stderr}`);
  }
  assert.deepEqual(readdirSync(from), []);
  const { results } = parseCommandLine(["--results", "r", "--no-judge"], {});
  assert.equal(results, path.resolve("r"));
});
