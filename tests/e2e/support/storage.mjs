// What the Durable Objects keep on disk, read from the side. Only Node 22 has `node:sqlite`: the files that need this
// say so.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The SQLite files of all objects under a state folder. */
export async function objectFiles(stateDir) {
  return (await files(stateDir)).filter((file) => path.basename(file) !== "metadata.sqlite");
}

/** The tables that a Worker made in a file, by name, with their number of rows. */
export function tablesOf(file) {
  return query(file, (database) => {
    const names = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
      .all();
    return Object.fromEntries(
      names.map(({ name }) => [name, database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get().rows]),
    );
  });
}

/** The rows of an object's journal. */
export function journalRows(file) {
  return query(file, (database) => database.prepare("SELECT seq, at, type, data FROM event ORDER BY seq").all());
}

/** Changes an object's journal from outside, while workerd is down. */
export function editJournal(file, sql) {
  const database = new DatabaseSync(file);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

/** How many alarms are armed, of all objects: workerd keeps them beside the objects' files. */
export async function armedAlarms(stateDir) {
  const metadata = (await files(stateDir)).filter((file) => path.basename(file) === "metadata.sqlite");
  return metadata.reduce(
    (sum, file) =>
      sum + query(file, (database) => database.prepare("SELECT count(*) AS rows FROM _cf_ALARM").get().rows),
    0,
  );
}

async function files(stateDir) {
  const objects = path.join(stateDir, "do");
  return (await readdir(objects, { recursive: true }))
    .filter((name) => name.endsWith(".sqlite"))
    .map((name) => path.join(objects, name));
}

function query(file, read) {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}
