// The data folder of `serve`.

import { existsSync, statfsSync, statSync } from "node:fs";
import path from "node:path";
import { commands, quoted } from "../lib/command.mjs";
import { DataFolder } from "../serve/data.mjs";
import { BusyProblem } from "../serve/exit.mjs";
import { mend, note, ok } from "./result.mjs";

const GIGABYTE = 1e9;
const FREE_BYTES_MIN = GIGABYTE;

/** All that is to be said of it. `isNamed`: somebody expects it there. */
export function dataFolder(folder, isNamed) {
  const data = new DataFolder(folder);
  if (!existsSync(data.folder)) {
    const what = `${data.folder} is not there`;
    const start = `${commands().run(`serve --data ${quoted(folder)}`)} makes it`;
    return [
      isNamed ? mend("data folder", what, start) : note("data folder", what, start),
      disk(path.dirname(data.folder)),
    ];
  }
  return [content(data), ...owner(data), ...lock(data), disk(data.folder)];
}

function content(data) {
  try {
    const manifest = data.manifest();
    if (manifest) return ok("data folder", `${data.folder}, written by version ${manifest.version}`);
    return mend("data folder", `${data.folder} is not one of serve`, "name the right one with --data");
  } catch (error) {
    return mend("data folder", error.message, "put it back from a backup");
  }
}

function owner({ folder }) {
  const { uid } = statSync(folder);
  if (uid === process.getuid()) return [];
  const found = `${folder} belongs to the user ${uid}, and you are ${process.getuid()}`;
  return [note("owner", found, `run commands on it as that user: sudo -u '#${uid}' ...`)];
}

/** Whether it is served. A folder without a lock never was, and gets none from us. */
function lock(data) {
  if (!existsSync(data.in("lock"))) return [];
  try {
    data.take();
    data.release();
    return [note("served", "nobody serves it now", commands().run(`serve --data ${quoted(data.folder)}`))];
  } catch (error) {
    if (error instanceof BusyProblem) return [ok("served", "a process serves it")];
    return [note("served", `can't be known: ${error.message}`)];
  }
}

export function disk(folder, stat = statfsSync) {
  let near = folder;
  while (!existsSync(near)) near = path.dirname(near);
  const { bavail, bsize, ffree } = stat(near);
  const free = `${((bavail * bsize) / GIGABYTE).toFixed(1)} GB are free`;
  if (bavail * bsize < FREE_BYTES_MIN) return mend("disk", free, "make room, or lower RETENTION_DAYS");
  // Some file systems have no such bound, and say 0.
  if (ffree > 0 && ffree < 10_000)
    return mend("disk", `only ${ffree} files can be made`, "delete files, or lower RETENTION_DAYS");
  return ok("disk", free);
}
