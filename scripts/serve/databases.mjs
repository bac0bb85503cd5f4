// The SQLite files that workerd keeps in `objects/`: one folder per class, one file per object, and the list of alarms.

import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";

const SUFFIX = ".sqlite";
/** Of a database with a few tables and no rows. */
const EMPTY_BYTES = 16_384;
/** Of each class: when which object is to be woken. */
const ALARMS = `metadata${SUFFIX}`;

/** The paths of all databases below `folder`, relative to it, the alarms last. */
export function databasesIn(folder) {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true }).map(String);
  const isAlarms = (name) => path.basename(name) === ALARMS;
  return found
    .filter((name) => name.endsWith(SUFFIX))
    .sort((a, b) => Number(isAlarms(a)) - Number(isAlarms(b)) || (a < b ? -1 : 1));
}

/**
 * Copies a database in a consistent state, whoever writes to it. False where it is gone: its workflow was deleted
 * meanwhile.
 */
export async function copyDatabase(from, to) {
  let source;
  try {
    source = new DatabaseSync(from, { readOnly: true });
  } catch (error) {
    if (!existsSync(from)) return false;
    throw error;
  }
  try {
    mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
    await backup(source, to, { rate: -1 });
    return true;
  } finally {
    source.close();
  }
}

/**
 * Deletes the files of objects that hold nothing: of workflows that were deleted, and of ids that were asked for and
 * never used. workerd makes a file for each and never deletes it. It must not run meanwhile. Returns how many there
 * were.
 */
export function sweep(folder) {
  const empty = databasesIn(folder)
    .filter((name) => path.basename(name) !== ALARMS)
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).size <= EMPTY_BYTES && isEmpty(file));
  for (const file of empty) for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
  return empty.length;
}

/** What can't be read is left alone: workerd says what is wrong with it, to whoever asks for it. */
function isEmpty(file) {
  let database;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return tables.every(({ name }) => {
      // workerd's own word on the object, and its key-value storage where that is empty.
      if (name === "_cf_METADATA") return true;
      return name === "_cf_KV" && database.prepare("SELECT count(*) AS rows FROM _cf_KV").get().rows === 0;
    });
  } catch {
    return false;
  } finally {
    database?.close();
  }
}

/** The file's name of the object of this name: workerd derives the id from the class's key and the name. */
export function fileOf(uniqueKey, name) {
  const key = createHash("sha256").update(uniqueKey).digest();
  const hmac = (data) => createHmac("sha256", key).update(data).digest().subarray(0, 16);
  const first = hmac(name);
  return path.join(uniqueKey, Buffer.concat([first, hmac(first)]).toString("hex") + SUFFIX);
}
