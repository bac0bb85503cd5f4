// `backup` and `restore`: the folder of `serve`, copied while it is served, and put back.
//
// A file of SQLite without its log (`-wal`) is not whole, so each is copied by SQLite itself. The alarms come last: an
// alarm without its workflow finds nothing to do, while a workflow without its alarm would stand still until somebody
// asks for it.

import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { say } from "../lib/say.mjs";
import { DataFolder, MANIFEST, TOKEN } from "./data.mjs";
import { copyDatabase, databasesIn } from "./databases.mjs";
import { ConfigurationProblem } from "./exit.mjs";

/** Copies what `data` holds to `folder`, which must not exist yet, whole or not at all. */
export async function backup(data, folder) {
  const source = existing(data);
  const target = path.resolve(folder);
  if (existsSync(target))
    throw new ConfigurationProblem(`${target} is there already: give each backup a folder of its own, such as by date`);
  const copied = await copyAll(source, target);
  say(`backed up ${copied} databases of ${source.folder} to ${target}`);
}

/** Copies a backup to `data`, which must hold nothing yet, whole or not at all. */
export async function restore(data, folder) {
  const source = existing(folder);
  source.open();
  const target = path.resolve(data);
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  if (existsSync(target) && !(isFolder && readdirSync(target).length === 0))
    throw new ConfigurationProblem(`${target} is not empty: move it away, or give --data a new folder`);
  if (isFolder) rmdirSync(target);
  const copied = await copyAll(source, target);
  say(`restored ${copied} databases to ${target}`);
}

/** To a folder that is not there yet. Returns how many databases there are. */
async function copyAll(source, target) {
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(path.join(partial, "objects"), { recursive: true, mode: 0o700 });
  let copied = 0;
  for (const name of databasesIn(source.objects))
    if (await copyDatabase(path.join(source.objects, name), path.join(partial, "objects", name))) copied++;
  for (const name of [MANIFEST, TOKEN])
    if (existsSync(source.in(name))) copyFileSync(source.in(name), path.join(partial, name));
  renameSync(partial, target);
  return copied;
}

function existing(folder) {
  const data = new DataFolder(folder);
  data.assertOneNode();
  if (data.manifest() !== null) return data;
  throw new ConfigurationProblem(`${data.folder} holds no data of serve: there is no ${MANIFEST} in it`);
}
