// The lists of alarms that workerd keeps, one per class of objects: when which object is to be woken. A list may be
// copied at another moment than its objects, and be damaged or gone. Each object knows its own alarm as well, so that a
// list can always be made of what the objects say.

import { existsSync, readdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ALARMS, databasesIn, deleteDatabase, hasTable, isAlarms, isDamage, SUFFIX } from "./databases.mjs";
import { ConfigurationProblem } from "./exit.mjs";

/** As workerd makes the table, which it leaves as it is where it is there. */
const CREATE_ALARMS =
  "CREATE TABLE IF NOT EXISTS _cf_ALARM " +
  "(actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID";

/**
 * Lets the list of alarms of each class below `folder` say what the objects themselves say, and makes it where there is
 * none. Each file was copied at a moment of its own, and workerd lets an alarm go off only at the time that the object
 * has for it: one that ended after it was copied would stand still. What has changed since `since`, in milliseconds, is
 * woken at once: the list of workflows may be of an earlier moment, and each tells of itself when it wakes. Returns the
 * paths of the objects that are damaged, which have no alarm then.
 */
export function alignAlarms(folder, since) {
  const classes = [...new Set(databasesIn(folder).map((name) => path.dirname(name)))];
  return classes.flatMap((name) => {
    const { damaged } = alignClass(path.join(folder, name), since);
    return damaged.map((file) => path.join(name, file));
  });
}

/**
 * Makes the list of each class that has none, as where it was moved away because it was damaged. workerd would not
 * start with a damaged one, and that is said here. Nobody may serve meanwhile. Returns how many alarms were missing.
 */
export function mendAlarms(objects) {
  let alarms = 0;
  for (const name of readdirSync(objects)) {
    const folder = path.join(objects, name);
    const list = path.join(folder, ALARMS);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory() || isSound(list)) continue;
    // Under its name it is whole, or not there.
    const made = `${list}-new`;
    deleteDatabase(made);
    alarms += alignClass(folder, Number.POSITIVE_INFINITY, made).alarms;
    // With what is left of the one before.
    deleteDatabase(list);
    renameSync(made, list);
  }
  return alarms;
}

/** False where there is none. */
function isSound(file) {
  if (!existsSync(file)) return false;
  let database;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    // Reads all of it.
    const isThere = hasTable(database, "_cf_ALARM");
    if (isThere) database.prepare("SELECT count(*) FROM _cf_ALARM").get();
    return isThere;
  } catch (error) {
    if (!isDamage(error)) throw Object.assign(error, { path: file });
    throw new ConfigurationProblem(
      `${file} is damaged, which says when each workflow wakes: move it away, and the next start makes it anew from ` +
        "the workflows",
    );
  } finally {
    database?.close();
  }
}

/** `{ alarms, damaged }`: how many there are, and which objects can't be asked. */
function alignClass(folder, since, file = path.join(folder, ALARMS)) {
  const list = new DatabaseSync(file);
  const damaged = [];
  let alarms = 0;
  try {
    list.exec(CREATE_ALARMS);
    const rows = list.prepare("SELECT actor_id AS id, actor_name AS name FROM _cf_ALARM").all();
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    const set = list.prepare("INSERT INTO _cf_ALARM VALUES (?, CAST(? AS INTEGER), ?)");
    list.exec("BEGIN; DELETE FROM _cf_ALARM");
    for (const file of databasesIn(folder).filter((name) => !isAlarms(name))) {
      const id = path.basename(file, SUFFIX);
      const alarm = unlessDamaged(() => ownAlarm(path.join(folder, file), since));
      if (alarm === undefined) damaged.push(file);
      if (!alarm) continue;
      set.run(id, alarm.at, names.get(id) ?? alarm.name);
      alarms += 1;
    }
    list.exec("COMMIT");
  } finally {
    list.close();
  }
  return { alarms, damaged };
}

/** Undefined where the database is damaged. */
function unlessDamaged(read) {
  try {
    return read();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** `{ at, name }`, as the object itself has it from now on: `at` as text, nanoseconds being longer than a number. */
function ownAlarm(file, since) {
  const database = new DatabaseSync(file);
  try {
    if (!hasTable(database, "_cf_METADATA")) return null;
    // A workflow that was deleted has no journal, and perhaps an alarm, until the list has heard of it.
    const event = (order) =>
      hasTable(database, "event")
        ? database.prepare(`SELECT at, data FROM event ORDER BY seq ${order} LIMIT 1`).get()
        : undefined;
    if (Number(event("DESC")?.at ?? 0) >= since)
      database
        .prepare("INSERT OR REPLACE INTO _cf_METADATA (key, value) VALUES (1, CAST(? AS INTEGER))")
        .run(`${Date.now()}000000`);
    const row = database.prepare("SELECT CAST(value AS TEXT) AS at FROM _cf_METADATA WHERE key = 1").get();
    return /^[1-9]\d*$/.test(String(row?.at)) ? { at: String(row.at), name: nameIn(event("")) } : null;
  } finally {
    database.close();
  }
}

/** The object's name, as its first event has it; null where that can't be read, which is the Worker's to say. */
function nameIn(event) {
  try {
    const { tenant, id } = JSON.parse(String(event.data)).spec;
    return `${tenant}/${id}`;
  } catch {
    return null;
  }
}
