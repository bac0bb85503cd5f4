// A folder that gets its content whole or not at all: the content is made in a folder of its own beside it, or within
// it where it is there already, and moved to its place at the end.
//
// That folder has a name that nobody else has, and a lock in it, which the kernel lets go of however its process ends.
// So two copies to one place never meet, and what a copy that was killed has left is told from what belongs to
// somebody. Nothing else is deleted, whatever its name is.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { exitStatus } from "../lib/processes.mjs";
import { say } from "../lib/say.mjs";
import { MANIFEST, makeFolder, PARTIAL } from "./data.mjs";
import { BusyProblem, ConfigurationProblem } from "./exit.mjs";

const LOCK = "partial-lock";
/** The same while nobody holds it yet. */
const NEW_LOCK = "partial-lock-new";
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]);
/** SQLite may make a file of its own while its folder is deleted. */
const DELETION = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 };
/** The primary result code of SQLite for what somebody else has locked. */
const IS_BUSY = 5;
/** What the system says of a folder that can't take the place of what is there. */
const TAKEN = ["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"];

/** Whether a folder has nothing but what a disk of its own has, and what a copy into it may have left. */
export const isFree = (folder) => readdirSync(folder).every((name) => name === "lost+found" || PARTIAL.test(name));

/**
 * Lets `fill(folder)` make what `target` is to hold, and resolves to its result. `target` is not there yet, or a folder
 * that is free. An error or a signal meanwhile leaves nothing.
 */
export async function wholly(target, fill) {
  // Within it where it is there: it may be a volume, or lie in a folder that is not ours.
  const isThere = existsSync(target);
  const around = isThere ? target : path.dirname(target);
  const prefix = isThere ? "" : path.basename(target);
  makeFolder(around);
  forgetTheDead(around, prefix, target);
  const folder = path.join(around, `${prefix}.partial-${randomBytes(6).toString("hex")}`);
  let lock = null;
  const release = () => lock?.isOpen && lock.close();
  const clear = () => {
    release();
    rmSync(folder, DELETION);
  };
  const ends = SIGNALS.map((signal) => {
    const end = () => {
      clear();
      say(`\nerror: ended by ${signal}, and nothing is left of the copy`);
      process.exit(exitStatus(null, signal));
    };
    process.once(signal, end);
    return () => process.off(signal, end);
  });
  try {
    mkdirSync(folder, { mode: 0o700 });
    // Under its name it is held from the first moment on: nobody takes it for that of a dead one.
    lock = held(path.join(folder, NEW_LOCK));
    renameSync(path.join(folder, NEW_LOCK), path.join(folder, LOCK));
    const result = await fill(folder);
    // No await from here on, so no signal comes in between.
    rmSync(path.join(folder, LOCK));
    place(folder, target, isThere);
    return result;
  } catch (error) {
    clear();
    throw about(error, folder, target);
  } finally {
    release();
    for (const off of ends) off();
  }
}

/** Deletes what copies have left that were killed. Refuses where another one to the same target is under way. */
function forgetTheDead(around, prefix, target) {
  for (const name of namesIn(around)) {
    const folder = path.join(around, name);
    if (!PARTIAL.test(name) || !existsSync(path.join(folder, LOCK))) continue;
    try {
      const lock = held(path.join(folder, LOCK));
      if (lock === null && name.replace(PARTIAL, "") === prefix)
        throw new BusyProblem(`another process copies to ${target} at this moment: wait for it, or end it`);
      if (lock === null) continue;
      lock.close();
      rmSync(folder, DELETION);
      say(`deleted ${folder}, which a copy had left that was interrupted`);
    } catch (error) {
      if (error instanceof BusyProblem) throw error;
      say(`${folder} is left of a copy that was interrupted: delete it (${error.message})`);
    }
  }
}

/** Of a folder that this user may not read there is nothing to say: a copy beside it does not need that. */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The lock in this file, or null where somebody holds it. */
function held(file) {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if ((error.errcode & 0xff) === IS_BUSY) return null;
    throw error;
  }
}

/** The manifest comes last: without it, a folder is none of ours. The objects come first: two can't both move them. */
function place(folder, target, isThere) {
  const order = (name) => (name === "objects" ? 0 : name === MANIFEST ? 2 : 1);
  const taken = () =>
    new ConfigurationProblem(`${target} was made or filled by somebody else meanwhile: choose another`);
  try {
    if (!isThere) return renameSync(folder, target);
    if (!isFree(target)) throw taken();
    for (const name of readdirSync(folder).sort((a, b) => order(a) - order(b)))
      renameSync(path.join(folder, name), path.join(target, name));
    rmdirSync(folder);
  } catch (error) {
    throw TAKEN.includes(error.code) ? taken() : error;
  }
}

/** The reader knows of the target alone. */
function about(error, folder, target) {
  for (const key of ["path", "dest"])
    if (String(error[key] ?? "").startsWith(folder)) error[key] = target + error[key].slice(folder.length);
  return error;
}
