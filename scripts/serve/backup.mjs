// `backup` and `restore`: the folder of `serve`, copied while it is served, and put back.
//
// A file of SQLite without its log (`-wal`) is not whole, so each is copied by SQLite itself. The list of
// alarms is made to say what the copies themselves say, because a workflow without its alarm would stand still until
// somebody asks for it.

import { copyFileSync, existsSync, lstatSync, statSync } from "node:fs";
import path from "node:path";
import { Problem, say } from "../lib/say.mjs";
import { alignAlarms } from "./alarms.mjs";
import { DataFolder, isFree, MANIFEST, makeFolder, TOKEN } from "./data.mjs";
import { copyDatabase, databasesIn, deleteDatabase, isAlarms, isDamage, ownerOf } from "./databases.mjs";
import { ConfigurationProblem } from "./exit.mjs";
import { forgetTheDead, wholly } from "./partial.mjs";

/** How long the list of workflows may take to hear of one. */
const JUST_NOW_MS = 60_000;

/** Copies what `data` holds to `folder`, which must not exist yet, whole or not at all. */
export async function backup(data, folder) {
  const source = existing(data);
  source.assertKnown();
  const target = path.resolve(folder);
  if (isAnything(target))
    throw new ConfigurationProblem(`${target} is there already: give each backup a folder of its own, such as by date`);
  const result = await wholly(target, (partial) => copyInto(source, partial));
  assertThere(result, target);
  say(`backed up ${result.copied.length} databases of ${source.folder} to ${target}`);
  assertWhole(result, target);
}

/** Copies a backup to `data`, which must hold nothing yet, whole or not at all. */
export async function restore(data, folder) {
  const source = existing(folder);
  source.assertKnown();
  const target = path.resolve(data);
  if (isAnything(target) && !existsSync(target))
    throw new ConfigurationProblem(`${target} is a link to nothing: make the folder it leads to, or name another one`);
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  // What an earlier one left that was interrupted is no obstacle, nor what a disk of its own has.
  if (isFolder) forgetTheDead(target);
  if (existsSync(target) && !(isFolder && isFree(target)))
    throw new ConfigurationProblem(`${target} is not empty: move it away, or give --data a new folder`);
  const result = await wholly(target, (partial) => copyInto(source, partial));
  assertThere(result, target);
  say(`restored ${result.copied.length} databases to ${target}`);
  assertWhole(result, target);
}

/**
 * Copies to a new folder. Resolves to `{ copied, damaged }`: which databases there are, and what is left out, because
 * SQLite can make nothing of it. One of many that is damaged must not keep the others from being copied.
 */
async function copyInto(source, folder) {
  const objects = path.join(folder, "objects");
  makeFolder(objects);
  const copied = new Set();
  const damaged = [];
  const began = Date.now();
  for (const name of databasesIn(source.objects)) {
    try {
      if (await copyDatabase(path.join(source.objects, name), path.join(objects, name))) copied.add(name);
    } catch (error) {
      if (!isDamage(error)) throw error;
      deleteDatabase(path.join(objects, name));
      if (isAlarms(name)) say(`${source.in("objects", name)} is damaged: the copy has one that is made anew`);
      else damaged.push(name);
    }
  }
  for (const name of alignAlarms(objects, began - JUST_NOW_MS)) {
    deleteDatabase(path.join(objects, name));
    damaged.push(name);
    copied.delete(name);
  }
  for (const name of damaged) {
    const owner = await ownerOf(source.objects, name);
    const whose = owner === null ? "" : ` (${owner.includes("/") ? "the workflow" : "the list of"} ${owner})`;
    say(`left out, because it is damaged: ${source.in("objects", name)}${whose}`);
  }
  for (const name of [TOKEN, MANIFEST])
    if (existsSync(source.in(name))) copyFileSync(source.in(name), path.join(folder, name));
  return { copied: [...copied], damaged };
}

/** What is said to be there is looked for: whoever relies on a backup may have no second one. */
function assertThere({ copied }, target) {
  const there = new Set(databasesIn(path.join(target, "objects")));
  const missing = copied.filter((name) => !there.has(name));
  if (missing.length === 0 && existsSync(path.join(target, MANIFEST))) return;
  throw new Problem(
    `${target} has lost ${missing.length} of ${copied.length} databases while it was made, because something else ` +
      "deletes or moves files there: move it away, and copy once more",
  );
}

/** Whoever relies on a backup has to know, also where nobody reads what it says. */
function assertWhole({ copied, damaged }, target) {
  if (damaged.length === 0) return;
  const all = copied.length + damaged.length;
  throw new ConfigurationProblem(
    `${target} has ${copied.length} of ${all} databases, because the others are damaged: put each back from an ` +
      "earlier backup while nothing serves, or move it away",
  );
}

/** Whether something has this path, be it a link to nothing. */
const isAnything = (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

function existing(folder) {
  const data = new DataFolder(folder);
  data.assertOneNode();
  if (data.manifest() !== null) return data;
  throw new ConfigurationProblem(`${data.folder} holds no data of serve: there is no ${MANIFEST} in it`);
}
