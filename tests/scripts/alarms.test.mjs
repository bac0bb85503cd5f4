// The lists of alarms before a start: one that is damaged is said, and one that is gone is made of its objects.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { mendAlarms } from "../../scripts/serve/alarms.mjs";

const objects = mkdtempSync(path.join(tmpdir(), "orchestrator-alarms-"));
after(() => rmSync(objects, { recursive: true, force: true }));
const at = (name) => path.join(objects, "class", name);
const BEYOND = 9_007_199_254_740_993n;

mkdirSync(at(""));
for (const [id, alarm] of /** @type {const} */ ([
  ["one", 1_000n],
  ["two", BEYOND],
  ["none", null],
])) {
  const object = new DatabaseSync(at(`${id}.sqlite`));
  object.exec("CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB); CREATE TABLE event (seq, at, data)");
  object.prepare("INSERT INTO _cf_METADATA VALUES (1, ?)").run(alarm);
  object.prepare("INSERT INTO event VALUES (1, 1, ?)").run(JSON.stringify({ spec: { tenant: "me", id } }));
  object.close();
}
writeFileSync(at("damaged.sqlite"), "no database ".repeat(100));

function alarmsOf() {
  const list = new DatabaseSync(at("metadata.sqlite"), { readOnly: true });
  const rows = list.prepare(
    "SELECT actor_id AS id, CAST(scheduled_time AS TEXT) AS at, actor_name AS name FROM _cf_ALARM",
  );
  const found = rows.all().map(({ id, at, name }) => [id, at, name]);
  list.close();
  return found;
}

const ALL = [
  ["one", "1000", "me/one"],
  ["two", String(BEYOND), "me/two"],
];

test("a list that is gone is made of what its objects say, and one that is there stays", () => {
  // Of one that was moved away, and of a start that was killed while it made one.
  for (const left of ["metadata.sqlite-wal", "metadata.sqlite-new", "metadata.sqlite-new-journal"])
    writeFileSync(at(left), "left");
  assert.equal(mendAlarms(objects), 2);
  assert.deepEqual(alarmsOf(), ALL);
  assert.ok(!existsSync(at("metadata.sqlite-new")));
  const list = new DatabaseSync(at("metadata.sqlite"));
  list.exec("DELETE FROM _cf_ALARM WHERE actor_id = 'one'");
  list.close();
  assert.equal(mendAlarms(objects), 0);
  assert.deepEqual(alarmsOf(), ALL.slice(1));
  // As one that was cut off.
  writeFileSync(at("metadata.sqlite"), "");
  assert.equal(mendAlarms(objects), 2);
});

test("a list that is damaged is named with what to do, and that mends it", () => {
  const sound = readFileSync(at("metadata.sqlite"));
  for (const from of [0, 100, 4_096]) {
    const damaged = Buffer.from(sound);
    damaged.fill(0xa5, from, from + 32);
    writeFileSync(at("metadata.sqlite"), damaged);
    const refusal = {
      exitStatus: 78,
      message: /class\/metadata\.sqlite is damaged.*: move it away, and the next start/,
    };
    assert.throws(() => mendAlarms(objects), refusal);
    assert.deepEqual(readFileSync(at("metadata.sqlite")), damaged, "it is left as it is");
    renameSync(at("metadata.sqlite"), at("away"));
    assert.equal(mendAlarms(objects), 2);
    assert.deepEqual(alarmsOf(), ALL);
  }
});
