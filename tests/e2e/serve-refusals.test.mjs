// What the system refuses `serve` and the commands for what it keeps: one sentence with the path, never a stack.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";

const TIMEOUT = { timeout: 120_000 };
/** For root, to whom no file would be closed otherwise. */
const CLOSABLE = "--bounding-set=-dac_override,-dac_read_search,-fowner,-chown";
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(path.join(tmpdir(), "ow-"));
const in_ = (...parts) => path.join(folder, ...parts);
/** A disk of its own, in a namespace where whoever runs this may mount one. */
const small = (kilobytes, at) => [
  "unshare",
  "--fork",
  "--kill-child",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  mounted(kilobytes, at),
  "sh",
];
const mounted = (kilobytes, at) => `mount -t tmpfs -o size=${kilobytes}k tmpfs ${at} && "$@"; s=$?; ls ${at}; exit $s`;
const canMount = spawnSync("unshare", ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "t", "/mnt"]).status === 0;
const canClose = !isRoot || spawnSync("setpriv", [CLOSABLE, "true"]).status === 0;

before(() => {
  mkdirSync(in_("data/objects/class"), { recursive: true });
  mkdirSync(in_("data/run"));
  writeFileSync(in_("data/orchestrator-workers.json"), '{"format":1,"version":"0.1.0"}');
  writeFileSync(in_("data/token"), "0123456789abcdef0123", { mode: 0o600 });
  for (const name of ["one", "two"]) {
    const database = new DatabaseSync(in_(`data/objects/class/${name}.sqlite`));
    database.exec(`CREATE TABLE event (data TEXT); INSERT INTO event VALUES ('${"x".repeat(200_000)}')`);
    database.close();
  }
});

after(() => {
  spawnSync("chmod", ["-R", "u+rwX", folder]);
  rmSync(folder, { recursive: true, force: true });
});

function run(args, within = []) {
  const closed = isRoot && within.length === 0 ? ["setpriv", CLOSABLE] : within;
  const [program, ...rest] = [...closed, process.execPath, inRoot("scripts/serve.mjs"), ...args];
  // One that hangs is killed, and has no status.
  return spawnSync(program, rest, { encoding: "utf8", timeout: 30_000, killSignal: "SIGKILL", cwd: folder });
}

function assertRefused({ status, stdout, stderr }, expected, sentence) {
  assert.equal(status, expected, stderr + stdout);
  assert.match(stderr, sentence);
  assert.match(stderr, /(^|\n)error: [^\n]+\n$/, "one sentence");
  assert.doesNotMatch(stderr + stdout, /^ +at |node:internal/m);
}

test("a part of the folder that this user may not use is named before anything starts", {
  ...TIMEOUT,
  skip: !canClose && "setpriv is missing",
}, () => {
  const parts = [
    "objects",
    "objects/class",
    "objects/class/two.sqlite",
    "run",
    "token",
    "lock",
    "orchestrator-workers.json",
  ];
  for (const [number, part] of parts.entries()) {
    const data = in_(`closed ${number}`);
    cpSync(in_("data"), data, { recursive: true });
    writeFileSync(path.join(data, "lock"), "");
    chmodSync(path.join(data, part), 0);
    const refused = run(["serve", "--data", data, "--port", "0"]);
    assertRefused(refused, 78, new RegExp(`${path.join(data, part)}\\b.*EACCES`));
    assert.doesNotMatch(refused.stdout, /workerd/);
  }
  const [, , twoSqlite] = parts.keys();
  const data = in_(`closed ${twoSqlite}`);
  const own = process.getuid();
  assertRefused(run(["backup", in_("b1"), "--data", data]), 78, /may not read .*two\.sqlite.*: chmod -R u\+rwX/);
  assertRefused(run(["restore", data, "--data", in_("b2")]), 78, /may not read .*two\.sqlite/);
  assertRefused(run(["export", "w", "--data", data]), 78, /may not read .*two\.sqlite/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => /^b[12]/.test(name)),
    [],
  );
  if (!isRoot) return;
  chmodSync(path.join(data, "objects/class/two.sqlite"), 0o600);
  spawnSync("chown", ["65534", path.join(data, "objects/class/two.sqlite")]);
  const foreign = new RegExp(`two\\.sqlite of user 65534 .*: sudo chown -R ${own}:\\d+ '${data}'`);
  assertRefused(run(["serve", "--data", data, "--port", "0"]), 78, foreign);
});

test("a disk that is mounted for reading only, a file in the place of a folder, a damaged database", TIMEOUT, () => {
  writeFileSync(in_("file"), "");
  assertRefused(run(["serve", "--data", in_("file/x"), "--port", "0"]), 78, /file\/x \(ENOTDIR.*: give --data another/);
  assertRefused(run(["export", "w", "--data", in_("file")]), 1, /has no workflow w/);
  assertRefused(run(["backup", in_("file/x"), "--data", in_("data")]), 78, /file\/x.* is no path that can be used/);
  cpSync(in_("data"), in_("damaged"), { recursive: true });
  writeFileSync(in_("damaged/objects/class/two.sqlite"), "no database");
  const rest = run(["backup", in_("b3"), "--data", in_("damaged")]);
  assertRefused(rest, 78, /damaged: .*class\/two\.sqlite\n(?:.*\n)+.*b3 has 1 of 2 databases/);
  assert.deepEqual(
    readdirSync(in_("b3/objects/class")).filter((name) => !name.includes("metadata")),
    ["one.sqlite"],
  );
  if (!canMount) return;
  mkdirSync(in_("fixed"));
  const fixed = [...small(64, in_("fixed")).slice(0, -2), `mount -t tmpfs -o ro tmpfs ${in_("fixed")} && "$@"`, "sh"];
  for (const args of [
    ["serve", "--data", in_("fixed"), "--port", "0"],
    ["serve", "--data", in_("fixed/x"), "--port", "0"],
    ["backup", in_("fixed/x"), "--data", in_("data")],
  ])
    assertRefused(run(args, fixed), 78, /fixed.* is on a disk that is mounted for reading only.* \(EROFS/);
});

test("too few files may be open", TIMEOUT, () => {
  const few = ["sh", "-c", 'ulimit -n 24 && exec "$@"', "sh"];
  assertRefused(run(["serve", "--data", in_("few"), "--port", "0"], few), 1, /EMFILE/);
});

test("where no folder can be made it ends, and does not try without end", {
  ...TIMEOUT,
  skip: !existsSync("/proc/self") && "there is no /proc",
}, () => {
  assertRefused(run(["serve", "--data", "/proc/x/y"]), 78, /\/proc\/x/);
  assertRefused(run(["backup", "/proc/x", "--data", in_("data")]), 78, /\/proc\/x/);
  assertRefused(run(["restore", in_("data"), "--data", "/proc/x"]), 78, /\/proc\/x/);
  assertRefused(run(["import", "-", "--data", "/proc/x"]), 78, /no exported journal/);
});

test("a disk that is full is said, may be better later, and nothing of a copy is left on it", {
  ...TIMEOUT,
  skip: !canMount && "no disk can be mounted here",
}, () => {
  mkdirSync(in_("disk"));
  const full = (args) => run(args, small(64, in_("disk")));
  assertRefused(full(["serve", "--data", in_("disk/data"), "--port", "0"]), 1, /no space is left for .*disk\/data/);
  for (const args of [
    ["backup", in_("disk/copy"), "--data", in_("data")],
    ["restore", in_("data"), "--data", in_("disk/copy")],
    ["restore", in_("data"), "--data", in_("disk")],
  ]) {
    const refused = full(args);
    assertRefused(refused, 1, /no space is left for .*disk/);
    assert.equal(refused.stdout.trim(), "", "nothing is left");
  }
  assert.deepEqual(readdirSync(in_("disk")), []);
});
