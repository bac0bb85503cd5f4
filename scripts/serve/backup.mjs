// `backup` and `restore`: the folder of `serve`, copied while it is served, and put back.
//
// A file of SQLite without its log (`-wal`) is not whole, so each is copied by SQLite itself. The list of
// alarms is made to say what the copies themselves say, because a workflow without its alarm would stand still until
// somebody asks for it.

import { copyFileSync, existsSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { say } from "../lib/say.mjs";
import { DataFolder, MANIFEST, makeFolder, TOKEN } from "./data.mjs";
import { alignAlarms, copyDatabase, databasesIn } from "./databases.mjs";
import { ConfigurationProblem } from "./exit.mjs";

/** How long the list of workflows may take to hear of one. */
const JUST_NOW_MS = 60_000;
/** A copy that is not whole yet. */
const PARTIAL = ".partial";

/** Copies what `data` holds to `folder`, which must not exist yet, whole or not at all. */
export async function backup(data, folder) {
  const source = existing(data);
  source.assertKnown();
  const target = path.resolve(folder);
  if (existsSync(target))
    throw new ConfigurationProblem(`${target} is there already: give each backup a folder of its own, such as by date`);
  const copied = await copyAll(source, target);
  say(`backed up ${copied} databases of ${source.folder} to ${target}`);
}

/** Copies a backup to `data`, which must hold nothing yet, whole or not at all. */
export async function restore(data, folder) {
  const source = existing(folder);
  source.assertKnown();
  const target = path.resolve(data);
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  // What an earlier one left that was interrupted is no obstacle, nor what a disk of its own has.
  const isFree = (name) => name === PARTIAL || name === "lost+found";
  if (existsSync(target) && !(isFolder && readdirSync(target).every(isFree)))
    throw new ConfigurationProblem(`${target} is not empty: move it away, or give --data a new folder`);
  const copied = await copyAll(source, target);
  say(`restored ${copied} databases to ${target}`);
}

/** To a folder that is empty or not there yet. Returns how many databases there are. */
async function copyAll(source, target) {
  // Within it where it is there: it may be a volume, or lie in a folder that is not ours.
  const isThere = existsSync(target);
  const partial = isThere ? path.join(target, PARTIAL) : `${target}${PARTIAL}`;
  const clear = () => rmSync(partial, { recursive: true, force: true });
  clear();
  try {
    return await copyInto(source, target, partial, isThere);
  } catch (error) {
    clear();
    throw error;
  }
}

async function copyInto(source, target, partial, isThere) {
  makeFolder(path.join(partial, "objects"));
  let copied = 0;
  const began = Date.now();
  for (const name of databasesIn(source.objects))
    if (await copyDatabase(path.join(source.objects, name), path.join(partial, "objects", name))) copied++;
  alignAlarms(path.join(partial, "objects"), began - JUST_NOW_MS);
  for (const name of [TOKEN, MANIFEST])
    if (existsSync(source.in(name))) copyFileSync(source.in(name), path.join(partial, name));
  if (!isThere) renameSync(partial, target);
  else {
    for (const name of readdirSync(partial).sort((a, b) => Number(a === MANIFEST) - Number(b === MANIFEST)))
      renameSync(path.join(partial, name), path.join(target, name));
    rmdirSync(partial);
  }
  return copied;
}

function existing(folder) {
  const data = new DataFolder(folder);
  data.assertOneNode();
  if (data.manifest() !== null) return data;
  throw new ConfigurationProblem(`${data.folder} holds no data of serve: there is no ${MANIFEST} in it`);
}
