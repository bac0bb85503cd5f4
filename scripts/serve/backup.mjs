// `backup` and `restore`: the folder of `serve`, copied while it is served, and put back.
//
// A file of SQLite without its log (`-wal`) is not whole, so each is copied by SQLite itself. The list of
// alarms is made to say what the copies themselves say, because a workflow without its alarm would stand still until
// somebody asks for it.

import { copyFileSync, existsSync, lstatSync, statSync } from "node:fs";
import path from "node:path";
import { say } from "../lib/say.mjs";
import { DataFolder, MANIFEST, makeFolder, TOKEN } from "./data.mjs";
import { alignAlarms, copyDatabase, databasesIn } from "./databases.mjs";
import { ConfigurationProblem } from "./exit.mjs";
import { isFree, wholly } from "./partial.mjs";

/** How long the list of workflows may take to hear of one. */
const JUST_NOW_MS = 60_000;

/** Copies what `data` holds to `folder`, which must not exist yet, whole or not at all. */
export async function backup(data, folder) {
  const source = existing(data);
  source.assertKnown();
  const target = path.resolve(folder);
  if (isAnything(target))
    throw new ConfigurationProblem(`${target} is there already: give each backup a folder of its own, such as by date`);
  const copied = await wholly(target, (partial) => copyInto(source, partial));
  say(`backed up ${copied} databases of ${source.folder} to ${target}`);
}

/** Copies a backup to `data`, which must hold nothing yet, whole or not at all. */
export async function restore(data, folder) {
  const source = existing(folder);
  source.assertKnown();
  const target = path.resolve(data);
  if (isAnything(target) && !existsSync(target))
    throw new ConfigurationProblem(`${target} is a link to nothing: make the folder it leads to, or name another one`);
  // What an earlier one left that was interrupted is no obstacle, nor what a disk of its own has.
  if (existsSync(target) && !(statSync(target).isDirectory() && isFree(target)))
    throw new ConfigurationProblem(`${target} is not empty: move it away, or give --data a new folder`);
  const copied = await wholly(target, (partial) => copyInto(source, partial));
  say(`restored ${copied} databases to ${target}`);
}

/** Copies to a new folder. Resolves to how many databases there are. */
async function copyInto(source, folder) {
  makeFolder(path.join(folder, "objects"));
  let copied = 0;
  const began = Date.now();
  for (const name of databasesIn(source.objects))
    if (await copyDatabase(path.join(source.objects, name), path.join(folder, "objects", name))) copied++;
  alignAlarms(path.join(folder, "objects"), began - JUST_NOW_MS);
  for (const name of [TOKEN, MANIFEST])
    if (existsSync(source.in(name))) copyFileSync(source.in(name), path.join(folder, name));
  return copied;
}

/** Whether something has this path, be it a link to nothing. */
const isAnything = (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

function existing(folder) {
  const data = new DataFolder(folder);
  data.assertOneNode();
  if (data.manifest() !== null) return data;
  throw new ConfigurationProblem(`${data.folder} holds no data of serve: there is no ${MANIFEST} in it`);
}
