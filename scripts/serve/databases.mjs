// The SQLite files that workerd keeps in `objects/`: one folder per class, one file per object, and the list of alarms.

import { createHash, createHmac } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

export const SUFFIX = ".sqlite";
/** Of a database with a few tables and no rows. */
const EMPTY_BYTES = 16_384;
/** Of each class: when which object is to be woken (alarms.mjs). */
export const ALARMS = `metadata${SUFFIX}`;

/**
 * Primary result codes of SQLite: for what somebody else has locked, a file that is not there, a full disk, a damaged
 * file, and one that is none.
 */
const BUSY = 5;
const CANT_OPEN = 14;
const FULL = 13;
const CORRUPT = 11;
const NO_DATABASE = 26;
const DAMAGE = [CORRUPT, NO_DATABASE];
/** As long as workerd may take to open or to close a database. */
const BUSY_MS_MAX = 5_000;
const TRIES_MAX = 50;
const BETWEEN_TRIES_MS = 10;

export const hasTable = (database, name) =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(name) !== undefined;

export const isAlarms = (name) => path.basename(name) === ALARMS;

/** A database of which SQLite can make nothing. */
export const isDamage = (error) => DAMAGE.includes(codeOf(error));

/** The primary result code of SQLite; null for any other error. */
const codeOf = (error) => (error.code === "ERR_SQLITE_ERROR" ? error.errcode & 0xff : null);

/**
 * A database whose file this process holds as a lock until it closes it or ends, however that happens; null where
 * somebody else holds it. With `mode` "rw" none is made where there is no file.
 */
export function held(file, mode = "rwc") {
  const url = pathToFileURL(file);
  url.search = `mode=${mode}`;
  const database = new DatabaseSync(url);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (codeOf(error) === BUSY) return null;
    throw error;
  }
}

/** The paths of all databases below `folder`, relative to it, the alarms last. */
export function databasesIn(folder) {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true }).map(String);
  return found
    .filter((name) => name.endsWith(SUFFIX))
    .sort((a, b) => Number(isAlarms(a)) - Number(isAlarms(b)) || (a < b ? -1 : 1));
}

/**
 * What `read` says of a database that workerd may be writing to; null where there is none. Of a workflow that is
 * erased, workerd deletes the file and makes it anew at once. Whoever reads meanwhile may find no file, or a log that
 * belongs to the other one, and reads once more.
 */
export async function readDatabase(file, read) {
  for (let tries = 1; ; tries++) {
    let database;
    try {
      database = new DatabaseSync(file, { readOnly: true });
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS_MAX}`);
      return await read(database);
    } catch (error) {
      const fault = codeOf(error);
      const isLast = tries === TRIES_MAX || fault === null || fault === FULL || fault === NO_DATABASE;
      if (isLast && fault === CANT_OPEN && !existsSync(file)) return null;
      // SQLite names no file.
      if (isLast) throw isDamage(error) ? Object.assign(error, { path: file }) : error;
    } finally {
      database?.close();
    }
    await sleep(BETWEEN_TRIES_MS);
  }
}

/**
 * Copies a database in a consistent state, whoever writes to it. False where it is gone: its workflow was deleted
 * meanwhile.
 */
export async function copyDatabase(from, to) {
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  const copied = await readDatabase(from, async (source) => {
    // Of a try before.
    deleteDatabase(to);
    await backup(source, to, { rate: -1 });
    return true;
  });
  return copied !== null;
}

/** Deletes a database with what SQLite has beside it. */
export function deleteDatabase(file) {
  for (const part of ["", "-journal", "-wal", "-shm"]) rmSync(file + part, { force: true });
}

/**
 * Whose object has the file `name` below `objects`: the name that a list of alarms has for it, or the beginning of one,
 * since a tenant's own object is called as the tenant. Null where no list says.
 */
export async function ownerOf(objects, name) {
  const names = [];
  for (const list of databasesIn(objects).filter(isAlarms)) {
    const read = (database) => database.prepare("SELECT actor_name AS name FROM _cf_ALARM").all();
    const rows = await readDatabase(path.join(objects, list), read).catch(() => null);
    names.push(...(rows ?? []).map((row) => String(row.name)));
  }
  const candidates = new Set(names.flatMap((one) => [one, one.split("/")[0]]));
  return [...candidates].find((one) => fileOf(path.dirname(name), one) === name) ?? null;
}

/**
 * Deletes the files of objects that hold nothing: of workflows that were deleted, and of ids that were asked for and
 * never used. workerd makes a file for each and never deletes it. It must not run meanwhile. `{ deleted, left }`: how
 * many there were, and whether the time was over before all were looked at. Where it begins is left to chance, so that
 * each is looked at in some start.
 */
export function sweep(folder, msMax) {
  const files = databasesIn(folder)
    .filter((name) => !isAlarms(name))
    .map((name) => path.join(folder, name));
  const first = Math.floor(Math.random() * files.length);
  const until = Date.now() + msMax;
  let deleted = 0;
  for (let index = 0; index < files.length; index++) {
    if (Date.now() > until) return { deleted, left: true };
    const file = files[(first + index) % files.length];
    if (statSync(file).size > EMPTY_BYTES || !isEmpty(file)) continue;
    deleteDatabase(file);
    deleted += 1;
  }
  return { deleted, left: false };
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
