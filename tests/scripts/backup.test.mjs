// `backup` of objects that change while they are copied: each file is of another moment.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, mock, test } from "node:test";
import { backup } from "../../scripts/serve/backup.mjs";
import { copyDatabase, databasesIn, fileOf, isAlarms, readDatabase } from "../../scripts/serve/databases.mjs";
import { worded } from "../../scripts/serve/exit.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-backup-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** As workerd erases a workflow: the file is deleted, and made anew. More slowly, and as often as it can. */
const SLOWLY = `
  const { copyFileSync, renameSync, rmSync } = require("node:fs");
  const [file] = process.argv.slice(1);
  const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  copyFileSync(file, file + ".copy");
  for (;;) {
    rmSync(file);
    wait();
    copyFileSync(file + ".copy", file + ".next");
    renameSync(file + ".next", file);
    console.log("made anew");
    wait();
  }
`;
const OFTEN = `
  const { DatabaseSync } = require("node:sqlite");
  const { rmSync } = require("node:fs");
  const [file] = process.argv.slice(1);
  for (;;) {
    rmSync(file, { force: true });
    const database = new DatabaseSync(file);
    try {
      database.exec("PRAGMA journal_mode = WAL; CREATE TABLE some (text TEXT)");
      console.log("made anew");
    } catch {
      // Whoever reads holds what belonged to the file before.
    }
    database.close();
  }
`;
/** As it opens and closes one. */
const WRITER = `
  const { DatabaseSync } = require("node:sqlite");
  const [file] = process.argv.slice(1);
  for (;;) {
    const database = new DatabaseSync(file);
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; INSERT INTO some VALUES ('more')");
    database.close();
    console.log("written");
  }
`;

test("the alarms of a copy are those of its objects, whatever the list said when it was copied", async () => {
  const objects = path.join(folder, "data/objects/class");
  mkdirSync(objects, { recursive: true });
  writeFileSync(path.join(folder, "data/orchestrator-workers.json"), '{"format":1,"version":"0.1.0"}');
  const alarms = open(path.join(objects, "metadata.sqlite"));
  alarms.exec("CREATE TABLE _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT)");
  const list = alarms.prepare("INSERT OR REPLACE INTO _cf_ALARM VALUES (?, ?, ?)");
  const beyond = 9_007_199_254_740_993n;
  // What an object's file says, and what the list says by the time that it is copied.
  for (const [id, own, listed, at = 1] of [
    ["ended meanwhile", 1_000n, beyond],
    ["woken meanwhile", 2_000n, 2_500n],
    ["purged late", beyond, beyond],
    ["not in the list", 3_000n, null],
    ["has none any more", null, 4_000n],
    ["changed just now", beyond, beyond, Date.now()],
  ]) {
    const object = open(path.join(objects, `${id}.sqlite`));
    object.exec("CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB); CREATE TABLE event (seq, at, data)");
    object.prepare("INSERT INTO _cf_METADATA VALUES (1, ?)").run(own);
    object.prepare("INSERT INTO event VALUES (1, ?, ?)").run(at, JSON.stringify({ spec: { tenant: "me", id } }));
    object.close();
    if (listed !== null) list.run(id, listed, `me/${id}`);
  }
  list.run("gone", 5_000n, "me/gone");
  // One that was deleted, which the list of workflows has not heard of, and one whose journal can't be read.
  for (const [id, event] of [["deleted"], ["damaged", "{"]]) {
    const object = open(path.join(objects, `${id}.sqlite`));
    object.exec("CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB)");
    object.exec("INSERT INTO _cf_METADATA VALUES (1, 7)");
    if (event) object.exec(`CREATE TABLE event (seq, at, data); INSERT INTO event VALUES (1, 1, '${event}')`);
    object.close();
    list.run(id, 9_000n, `me/${id}`);
  }
  await backup(path.join(folder, "data"), path.join(folder, "copy"));
  const copy = new DatabaseSync(path.join(folder, "copy/objects/class/metadata.sqlite"), { readOnly: true });
  const kept = copy.prepare(
    "SELECT actor_id AS id, CAST(scheduled_time AS TEXT) AS at, actor_name AS name FROM _cf_ALARM " +
      "ORDER BY scheduled_time, actor_name",
  );
  const all = kept.all().map(({ id, at, name }) => [id, at, name]);
  const woken = all.findIndex(([id]) => id === "changed just now");
  const [[, wokenAt]] = all.splice(woken, 1);
  assert.ok(Math.abs(Number(wokenAt) / 1e6 - Date.now()) < 60_000, wokenAt);
  const object = new DatabaseSync(path.join(folder, "copy/objects/class/changed just now.sqlite"));
  const own = object.prepare("SELECT CAST(value AS TEXT) AS at FROM _cf_METADATA WHERE key = 1").get();
  assert.equal(own.at, wokenAt, "the object agrees");
  object.close();
  assert.deepEqual(all, [
    ["damaged", "7", "me/damaged"],
    ["deleted", "7", "me/deleted"],
    ["ended meanwhile", "1000", "me/ended meanwhile"],
    ["woken meanwhile", "2000", "me/woken meanwhile"],
    ["not in the list", "3000", "me/not in the list"],
    ["purged late", String(beyond), "me/purged late"],
  ]);
  copy.close();
  alarms.close();
});

test("what is damaged is left out and named with its workflow, and all else is copied", async () => {
  const objects = path.join(folder, "partly/objects");
  const at = (kind, name) => path.join(objects, fileOf(`orchestrator-workers-Orchestrator${kind}`, name));
  mkdirSync(path.dirname(at("Workflow", "")), { recursive: true });
  mkdirSync(path.dirname(at("Tenant", "")));
  writeFileSync(path.join(folder, "partly/orchestrator-workers.json"), '{"format":1,"version":"0.1.0"}');
  const alarms = open(path.join(path.dirname(at("Workflow", "")), "metadata.sqlite"));
  alarms.exec("CREATE TABLE _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT)");
  for (const id of ["garbage", "torn", "sound"]) {
    alarms.exec(
      `INSERT INTO _cf_ALARM VALUES ('${path.basename(at("Workflow", `me/${id}`), ".sqlite")}', 7, 'me/${id}')`,
    );
    open(at("Workflow", `me/${id}`)).close();
  }
  alarms.close();
  for (const tenant of ["me", "bob"]) open(at("Tenant", tenant)).close();
  // No database at all, and one whose first page is none.
  overwrite(at("Workflow", "me/garbage"), 0, 32);
  overwrite(at("Workflow", "me/torn"), 100, 32);
  overwrite(at("Tenant", "me"), 0, 32);
  writeFileSync(path.join(path.dirname(at("Tenant", "")), "metadata.sqlite"), "no database ".repeat(100));
  const said = await saidDuring(() =>
    assert.rejects(backup(path.join(folder, "partly"), path.join(folder, "rest")), {
      exitStatus: 78,
      message: new RegExp(`^${folder}/rest has 3 of 6 databases, because the others are damaged: put each back`),
    }),
  );
  for (const [file, whose] of [
    [at("Workflow", "me/garbage"), "the workflow me/garbage"],
    [at("Workflow", "me/torn"), "the workflow me/torn"],
    [at("Tenant", "me"), "the list of me"],
  ])
    assert.ok(said.includes(`left out, because it is damaged: ${file} (${whose})\n`), said);
  const copied = databasesIn(path.join(folder, "rest/objects"));
  const whole = [at("Workflow", "me/sound"), at("Tenant", "bob")].map((file) => path.relative(objects, file));
  assert.deepEqual(copied.filter((name) => !isAlarms(name)).sort(), whole.sort());
  assert.equal(copied.filter(isAlarms).length, 2, "the list of alarms that was damaged is made anew");
  assert.match(said, /OrchestratorTenant\/metadata\.sqlite is damaged: the copy has one that is made anew\n/);
  const reading = readDatabase(at("Workflow", "me/garbage"), (from) => from.prepare("SELECT 1 FROM some"));
  await assert.rejects(reading, (error) => worded(error, "no folder").message.includes(at("Workflow", "me/garbage")));
});

for (const [what, code, copies] of [
  ["erased, and made anew after a while", SLOWLY, 50],
  ["erased as often as can be", OFTEN, 200],
  ["opened, written and closed", WRITER, 200],
])
  test(`a database can be copied and read while it is ${what}`, async () => {
    const file = path.join(folder, `${what}.sqlite`);
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE some (text TEXT)");
    database.close();
    const child = spawn(process.execPath, ["-e", code, file], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    try {
      await once(child.stdout, "data");
      child.stdout.resume();
      for (let copy = 0; copy < copies; copy++) {
        const to = path.join(folder, `${what}/${copy}.sqlite`);
        assert.equal(await copyDatabase(file, to), true);
        const copied = new DatabaseSync(to, { readOnly: true });
        assert.equal(copied.prepare("PRAGMA integrity_check").get().integrity_check, "ok");
        copied.close();
      }
      // Between the making of the file and that of its table there is none.
      const isThere = "SELECT count(*) AS tables FROM sqlite_master";
      for (let read = 0; read < 500; read++) {
        const tables = await readDatabase(file, (from) => from.prepare(isThere).get().tables);
        assert.ok(tables === 1 || (tables === 0 && code === OFTEN), `${tables}`);
      }
      if (code === WRITER)
        assert.ok(await readDatabase(file, (from) => from.prepare("SELECT count(*) AS rows FROM some").get().rows > 0));
      assert.equal(child.exitCode, null);
    } finally {
      child.kill("SIGKILL");
      await exited;
    }
  });

test("a database that is not there, a file that is none, and what a reader says", async () => {
  const to = path.join(folder, "copy.sqlite");
  const tables = (database) => database.prepare("SELECT * FROM sqlite_master").all();
  assert.equal(await readDatabase(path.join(folder, "never"), tables), null);
  assert.equal(await copyDatabase(path.join(folder, "never"), to), false);
  await assert.rejects(readDatabase(folder, tables), { code: "ERR_SQLITE_ERROR" });
  writeFileSync(path.join(folder, "text"), "no database ".repeat(1_000));
  await assert.rejects(readDatabase(path.join(folder, "text"), tables), { message: /not a database/ });
  await assert.rejects(copyDatabase(path.join(folder, "text"), to), { code: "ERR_SQLITE_ERROR" });
  let reads = 0;
  const failing = () => assert.fail(`${++reads}`);
  open(path.join(folder, "some.sqlite")).close();
  await assert.rejects(readDatabase(path.join(folder, "some.sqlite"), failing), { message: "1" });
});

/** Garbage in the place of so many bytes. */
function overwrite(file, from, bytes) {
  const content = readFileSync(file);
  content.fill(0xa5, from, from + bytes);
  writeFileSync(file, content);
}

/** What is said to a person meanwhile. */
async function saidDuring(work) {
  const write = mock.method(process.stderr, "write", () => true);
  try {
    await work();
    return write.mock.calls.map(({ arguments: [text] }) => text).join("");
  } finally {
    write.mock.restore();
  }
}

function open(file) {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS some (text TEXT)");
  return database;
}
