// A folder that gets its content whole or not at all: the content is made in a folder of its own beside it, or within
// it where it is there already, and moved to its place at the end.
//
// That folder has a name that nobody else has, and a lock in it, which the kernel lets go of however its process ends,
// and which stays until all is in its place. So two copies to one place never meet, and what a copy that was killed has
// left is told from what belongs to somebody. Nothing else is deleted, whatever its name is.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { exitStatus } from "../lib/processes.mjs";
import { say } from "../lib/say.mjs";
import { CONTENT, isFree, MANIFEST, makeFolder, PARTIAL, placedFrom } from "./data.mjs";
import { held } from "./databases.mjs";
import { BusyProblem, ConfigurationProblem } from "./exit.mjs";

const LOCK = "partial-lock";
/** The same while nobody holds it yet. */
const NEW_LOCK = "partial-lock-new";
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]);
/** SQLite may make a file of its own while its folder is deleted. */
const DELETION = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 };
/** What the system says of a folder that can't take the place of what is there. */
const TAKEN = ["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"];
/** How often a folder without its lock yet may be taken for what is left of one. */
const TRIES_MAX = 10;

/**
 * Lets `fill(folder)` make what `target` is to hold, and resolves to its result. `target` is not there yet, or a folder
 * that is free. An error or a signal meanwhile leaves nothing.
 */
export async function wholly(target, fill) {
  const { isThere, around, prefix } = whereFor(target);
  makeFolder(around);
  forgetTheDead(target);
  let own = null;
  const clear = () => own && forget(own);
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
    own = begun(around, prefix);
    mkdirSync(path.join(own.folder, CONTENT), { mode: 0o700 });
    const result = await fill(path.join(own.folder, CONTENT));
    // No await from here on, so no signal comes in between.
    place(path.join(own.folder, CONTENT), target, isThere);
    return result;
  } catch (error) {
    throw about(error, own?.folder, target);
  } finally {
    clear();
    for (const off of ends) off();
  }
}

/** Within it where it is there: it may be a volume, or lie in a folder that is not ours. */
function whereFor(target) {
  const isThere = existsSync(target);
  return { isThere, around: isThere ? target : path.dirname(target), prefix: isThere ? "" : path.basename(target) };
}

/** A new folder with a lock that this process holds: `{ folder, lock }`. */
function begun(around, prefix) {
  for (let tries = 1; ; tries++) {
    const folder = path.join(around, `${prefix}.partial-${randomBytes(6).toString("hex")}`);
    mkdirSync(folder, { mode: 0o700 });
    let lock = null;
    try {
      // Under its name it is held from the first moment on: nobody takes it for that of a dead one.
      lock = held(path.join(folder, NEW_LOCK));
      renameSync(path.join(folder, NEW_LOCK), path.join(folder, LOCK));
      return { folder, lock };
    } catch (error) {
      forget({ folder, lock });
      // Until then somebody may have.
      if (tries === TRIES_MAX) throw error;
    }
  }
}

/**
 * Deletes what copies to `target`, or beside it, have left that were killed. Refuses where another one to the same
 * target is under way.
 */
export function forgetTheDead(target) {
  const { around, prefix } = whereFor(target);
  for (const name of namesIn(around).filter((one) => PARTIAL.test(one))) {
    const folder = path.join(around, name);
    try {
      if (!existsSync(path.join(folder, LOCK))) {
        forgetEmpty(folder);
        continue;
      }
      const lock = held(path.join(folder, LOCK), "rw");
      if (lock === null && name.replace(PARTIAL, "") === prefix)
        throw new BusyProblem(`another process copies to ${target} at this moment: wait for it, or end it`);
      if (lock === null) continue;
      const isLeft = existsSync(path.join(folder, LOCK));
      forget({ folder, lock });
      if (isLeft) say(`deleted ${folder}, which a copy had left that was interrupted`);
    } catch (error) {
      if (error instanceof BusyProblem) throw error;
      // That of one that has ended meanwhile.
      if (!existsSync(path.join(folder, LOCK))) continue;
      say(`${folder} is left of a copy that was interrupted: delete it (${error.message})`);
    }
  }
}

/**
 * Deletes the folder of a copy whose lock this process holds, until it is gone. What the copy has moved to its place is
 * of it as long as not all is there.
 */
function forget({ folder, lock }) {
  const around = path.dirname(folder);
  for (const name of placedFrom(folder)) renameSync(path.join(around, name), path.join(folder, CONTENT, name));
  // The manifest first: with it and without objects it would be one that has moved them. The lock last: what has none
  // is nobody's.
  rmSync(path.join(folder, CONTENT, MANIFEST), { force: true });
  rmSync(path.join(folder, CONTENT), DELETION);
  rmSync(folder, DELETION);
  if (lock?.isOpen) lock.close();
}

/** What is left of one that was killed before it had its lock, or after it had let go of it. */
function forgetEmpty(folder) {
  if (!namesIn(folder).every((name) => name === NEW_LOCK)) return;
  try {
    rmSync(path.join(folder, NEW_LOCK), { force: true });
    rmdirSync(folder);
  } catch {
    // It has its lock by now, or is gone.
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

/**
 * The manifest comes last: without it, a folder is none of ours. The objects come first: two can't both move them. From
 * this order `placedFrom` knows what of it is there.
 */
function place(folder, target, isThere) {
  const order = (name) => (name === "objects" ? 0 : name === MANIFEST ? 2 : 1);
  const taken = () =>
    new ConfigurationProblem(`${target} was made or filled by somebody else meanwhile: choose another`);
  try {
    if (!isThere) return renameSync(folder, target);
    if (!isFree(target)) throw taken();
    for (const name of readdirSync(folder).sort((a, b) => order(a) - order(b)))
      renameSync(path.join(folder, name), path.join(target, name));
  } catch (error) {
    throw TAKEN.includes(error.code) ? taken() : error;
  }
}

/** The reader knows of the target alone. */
function about(error, folder, target) {
  for (const key of ["path", "dest"]) {
    const file = String(error[key] ?? "");
    const own = [folder && path.join(folder, CONTENT), folder].find((one) => one && file.startsWith(one));
    if (own) error[key] = target + file.slice(own.length);
  }
  return error;
}
