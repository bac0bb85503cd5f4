// What the Durable Objects keep on disk, read from the side. Only Node 22 has `node:sqlite`: the files that need this
// say so.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readDatabase } from "../../../scripts/serve/databases.mjs";

const NANOSECONDS_PER_MS = 1_000_000;
/** Of workerd's own table in each object's file. */
const ALARM_KEY = 1;

/** The SQLite files of all workflows under a state folder. */
export const objectFiles = (stateDir) => filesOf(stateDir, "OrchestratorWorkflow");

/** Those of the tenants' indexes. */
export const indexFiles = (stateDir) => filesOf(stateDir, "OrchestratorTenant");

async function filesOf(stateDir, className) {
  const ofObjects = (await files(stateDir)).filter((file) => path.basename(file) !== "metadata.sqlite");
  return ofObjects.filter((file) => path.basename(path.dirname(file)).endsWith(`-${className}`));
}

/** The tables that a Worker made in a file, by name, with their number of rows: `_cf_KV` is its key-value storage. */
export function tablesOf(file) {
  return query(file, (database) => {
    const names = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .filter(({ name }) => name === "_cf_KV" || !name.startsWith("_cf_"));
    return Object.fromEntries(
      names.map(({ name }) => [name, database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get().rows]),
    );
  });
}

/** Those of each workflow. */
export const allTables = async (stateDir) => Promise.all((await objectFiles(stateDir)).map(tablesOf));

/** The rows of an object's journal. */
export function journalRows(file) {
  return query(file, (database) => database.prepare("SELECT seq, at, type, data FROM event ORDER BY seq").all());
}

/** Changes a file from outside, while workerd is down: an object's journal. */
export function editJournal(file, sql) {
  const database = new DatabaseSync(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

/** How many alarms are armed, of all objects. */
export async function armedAlarms(stateDir) {
  return (await alarmTimes(stateDir)).length;
}

/** When the alarms of all objects are due, in milliseconds: workerd keeps them beside the objects' files. */
export async function alarmTimes(stateDir) {
  const sql = `SELECT scheduled_time / ${NANOSECONDS_PER_MS} AS at FROM _cf_ALARM`;
  const rows = (file) => query(file, (database) => database.prepare(sql).all());
  return (await Promise.all((await alarmFiles(stateDir)).map(rows))).flat().map(({ at }) => at);
}

/**
 * Brings every armed alarm forward to now, while workerd is down: as if the time until then had passed. An alarm is
 * kept twice, with all others and in its object's file, and workerd mends one that is not the same in both.
 */
export async function passTimeOfAlarms(stateDir) {
  const now = `${Date.now()} * ${NANOSECONDS_PER_MS}`;
  for (const file of await alarmFiles(stateDir))
    editJournal(file, `UPDATE _cf_ALARM SET scheduled_time = min(scheduled_time, ${now})`);
  for (const file of await objectFiles(stateDir))
    editJournal(file, `UPDATE _cf_METADATA SET value = min(value, ${now}) WHERE key = ${ALARM_KEY} AND value > 0`);
}

async function alarmFiles(stateDir) {
  return (await files(stateDir)).filter((file) => path.basename(file) === "metadata.sqlite");
}

async function files(stateDir) {
  const objects = path.join(stateDir, "do");
  return (await readdir(objects, { recursive: true }))
    .filter((name) => name.endsWith(".sqlite"))
    .map((name) => path.join(objects, name));
}

async function query(file, read) {
  const answer = await readDatabase(file, read);
  if (answer === null) throw new Error(`there is no ${file}`);
  return answer;
}
