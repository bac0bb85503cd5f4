// What the Durable Objects keep on disk, read from the side.

import { readdir } from "node:fs/promises";
import path from "node:path";

/** The SQLite files of all objects under a state folder. */
export async function databases(stateDir) {
  const entries = await readdir(stateDir, { recursive: true });
  return entries
    .filter((name) => name.endsWith(".sqlite") && !path.basename(name).startsWith("metadata"))
    .map((name) => path.join(stateDir, name))
    .sort();
}

/** The tables of a database: `{ own, platform }`, each a map from name to number of rows. */
export async function tables(file) {
  // Imported here: only Node 22 has it, and only some tests look into the files.
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
    const counted = names.map(({ name }) => [name, database.prepare(`SELECT count(*) AS rows FROM "${name}"`).get().rows]);
    const isPlatforms = ([name]) => name.startsWith("_cf_");
    return {
      own: Object.fromEntries(counted.filter((entry) => !isPlatforms(entry))),
      platform: Object.fromEntries(counted.filter(isPlatforms)),
    };
  } finally {
    database.close();
  }
}
