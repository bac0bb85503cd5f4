// The files for hosts of one's own: what they say agrees with `serve` and with one another.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { parse, parseDocument } from "yaml";
import { which } from "../../scripts/lib/exec.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { DOCUMENTED } from "../../scripts/lib/variables.mjs";
import { BUSY, WRONG_CONFIGURATION } from "../../scripts/serve/exit.mjs";
import { DEFAULTS, FLEET_DEFAULTS, help, readOptions } from "../../scripts/serve/options.mjs";
import { commandOf, stagesOf, valuesOf } from "../e2e/support/dockerfile.mjs";

const UNIT = "packaging/orchestrator-workers.service";
const read = (name) => readFileSync(inRoot(name), "utf8");
const unit = settingsOf(read(UNIT));
/** The package's program, as the unit names it. */
const [installed] = unit.ExecStart.split(" -- ")[1].split(" ");
const compose = parse(read("compose.yaml"));
const [, image] = stagesOf(inRoot("Dockerfile"));
/** Streams are told within one --grace, and requests may end within another. */
const GRACE_SECONDS = 2 * Number(DEFAULTS.grace);

test("every YAML file parses", () => {
  const workflows = readdirSync(inRoot(".github/workflows")).map((name) => `.github/workflows/${name}`);
  for (const name of ["compose.yaml", ...workflows]) assert.deepEqual(parseDocument(read(name)).errors, [], name);
});

test("no job of the release has more rights than its own task needs", () => {
  const { permissions, jobs } = parse(read(".github/workflows/release.yml"));
  assert.deepEqual(permissions, { contents: "read" });
  const rights = Object.entries(jobs).map(([name, { permissions: own }]) => [name, own]);
  assert.deepEqual(Object.fromEntries(rights), {
    build: undefined,
    release: { contents: "write" },
    npm: { contents: "read", "id-token": "write" },
    image: { contents: "read", packages: "write" },
    button: { contents: "write" },
  });
});

test("a version with a hyphen is a trial everywhere, and images name their version as packages do", () => {
  const { jobs } = parse(read(".github/workflows/release.yml"));
  const runs = (job) => jobs[job].steps.map(({ run = "" }) => run).join("\n");
  const [create] = jobs.release.steps.map(({ run }) => run).filter(Boolean);
  for (const [tag, flag] of Object.entries({ "v0.2.0": "", "v0.2.0-rc.1": "--prerelease" })) {
    // Every gh fails to find it, and says what it was asked for.
    const gh = 'gh() { [ "$2" = view ] && return 1; echo "$@"; }';
    const { stdout } = spawnSync("bash", ["-ec", `${gh}\n${create}`], {
      env: { ...process.env, GITHUB_REF_NAME: tag },
      encoding: "utf8",
    });
    assert.match(stdout, new RegExp(`release create ${tag} --verify-tag ${flag && `${flag} `}--title ${tag} `));
  }
  assert.match(jobs.button.if, /contains\(github\.ref_name, '-'\)/);
  const { labels } = jobs.image.steps.at(-1).with;
  assert.match(labels, /image\.version=\$\{\{ steps\.name\.outputs\.version \}\}/);
  assert.match(runs("image"), /"version=\$\{GITHUB_REF_NAME#v\}" >> "\$GITHUB_OUTPUT"/);
});

test("containers have an init, which collects processes that have lost their parent", () => {
  assert.equal(compose.services.orchestrator.init, true);
  const nodes = Object.entries(parse(read("compose.fleet.yaml"), { merge: true }).services);
  for (const [name, { init }] of nodes) assert.equal(init, name === "s3" ? undefined : true, name);
  for (const name of ["docs/self-hosting.md", "packaging/try-image.sh"])
    for (const [, options] of read(name).matchAll(/docker run --detach ((?:.|\\\n)*)$/gm))
      assert.match(options, /--init /);
});

test("the image runs nothing as root, and nothing while its last stage is built", () => {
  assert.deepEqual(valuesOf(image, "RUN"), []);
  assert.match(valuesOf(image, "USER")[0], /^[1-9]\d*:[1-9]\d*$/);
  assert.match(image.base, /^node:\d+\.\d+\.\d+-bookworm-slim$/, "a version of its own");
  const [node, dashes, program, command, ...args] = commandOf(image, "ENTRYPOINT");
  assert.deepEqual([node, dashes, path.basename(program), command], ["node", "--", "orchestrator-workers", "serve"]);
  const { host, data, port } = readOptions(args);
  assert.deepEqual([host, data, port], ["0.0.0.0", valuesOf(image, "VOLUME")[0], Number(valuesOf(image, "EXPOSE")[0])]);
});

test("the image is made of the package alone", () => {
  assert.deepEqual(read(".dockerignore").trim().split("\n").slice(1), ["*", "!build/package"]);
});

test("compose.yaml names only variables that exist, and waits for a graceful end", () => {
  const { orchestrator, ollama } = compose.services;
  for (const name of Object.keys(orchestrator.environment)) assert.ok(DOCUMENTED.includes(name), name);
  for (const [, name] of read("compose.yaml").matchAll(/\$\{(\w+)/g)) assert.ok(DOCUMENTED.includes(name), name);
  assert.ok(Number.parseInt(orchestrator.stop_grace_period, 10) > GRACE_SECONDS);
  assert.deepEqual(orchestrator.ports, ["127.0.0.1:8787:8787"], "not open to other machines");
  assert.deepEqual(orchestrator.volumes, [`data:${valuesOf(image, "VOLUME")[0]}`]);
  assert.deepEqual(ollama.profiles, ["ollama"]);
  assert.match(orchestrator.environment.OLLAMA_BASE_URL, /:-http:\/\/ollama:11434\b/);
});

test("the unit's command is one of serve, and its statuses and times are those of serve", () => {
  const [, command, ...args] = unit.ExecStart.split(" -- ")[1].split(" ");
  assert.equal(path.basename(installed), "orchestrator-workers");
  assert.equal(command, "serve");
  assert.equal(readOptions(args).data, `/var/lib/${unit.StateDirectory}`);
  assert.equal(Number(unit.RestartPreventExitStatus), WRONG_CONFIGURATION);
  assert.ok(Number(unit.TimeoutStopSec) > GRACE_SECONDS);
  assert.equal(unit.KillMode, "mixed");
  assert.equal(unit.MemoryDenyWriteExecute, undefined, "V8 could not compile");
});

test("systemd accepts the unit, and finds little that it may do", {
  skip: which("systemd-analyze") ? false : "there is no systemd-analyze",
}, (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-unit-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, "program"), "#!/bin/sh\n");
  chmodSync(path.join(folder, "program"), 0o755);
  const file = path.join(folder, path.basename(UNIT));
  // It must be installed to be accepted.
  writeFileSync(file, read(UNIT).replace(installed, path.join(folder, "program")));
  const verified = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
  assert.equal(verified.status, 0, verified.stderr);
  assert.doesNotMatch(verified.stderr, /Unknown|ignoring/i);
  const { status, stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=25", file], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});

test("docs/self-hosting.md names every option of serve, with its default, and the statuses", () => {
  const text = read("docs/self-hosting.md");
  for (const [, option] of help().matchAll(/^ {2}--([\w-]+) [A-Z]+/gm)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`--${option} `));
    assert.ok(row, option);
    const byDefault = { ...FLEET_DEFAULTS, ...DEFAULTS }[option];
    assert.ok(row.includes(byDefault ? `\`${byDefault}\`` : "none"), row);
  }
  for (const status of [0, 1, BUSY, WRONG_CONFIGURATION]) assert.match(text, new RegExp(`^\\| ${status} \\|`, "m"));
  assert.ok(text.includes(unit.EnvironmentFile), "where the unit looks for variables");
  assert.ok(text.includes(path.dirname(path.dirname(installed))), "where the unit looks for it");
});

/** The settings of a unit, by name. */
function settingsOf(text) {
  const lines = text.split("\n").filter((line) => /^[A-Za-z]+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
