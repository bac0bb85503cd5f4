// Whether this user may use what is in a data folder. workerd would end in a loop at a file of another user, without a
// word on why, and such a file is there whenever somebody ran a command on the folder as root.

import { accessSync, constants, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { quoted } from "../lib/command.mjs";
import { ConfigurationProblem } from "./exit.mjs";

const { R_OK, W_OK, X_OK } = constants;
/** Who needs it says so. */
const ABSENT = ["ENOENT", "ENOTDIR"];
/** A start does not wait for longer for a look at all files. */
const LOOK_MS_MAX = 300;

/** Refuses a folder of which this user may not use a part. `isWritten`: or only to read from it. */
export function assertUsable(given, { isWritten = true } = {}) {
  const folder = path.resolve(given);
  const write = isWritten ? W_OK : 0;
  const wrong = [
    ...["orchestrator-workers.json", "token", "member"].map((name) => refused(path.join(folder, name), R_OK)),
    ...(isWritten ? [refused(path.join(folder, "run"), R_OK | W_OK | X_OK)] : []),
    ...below(path.join(folder, "objects"), write),
  ].filter((one) => one !== null);
  if (wrong.length === 0) return;
  const [{ file, uid, code }] = wrong;
  const more = wrong.length > 1 ? ` and ${wrong.length - 1} more` : "";
  const own = process.getuid?.();
  const whose = uid === null || uid === own ? "" : ` of user ${uid}`;
  const mend = uid === own ? "chmod -R u+rwX" : `sudo chown -R ${own}:${process.getgid?.()}`;
  throw new ConfigurationProblem(
    `this user may not ${isWritten ? "write" : "read"} ${file}${whose}${more} (${code}): ` +
      (code === "EROFS" ? "mount its disk for writing" : `${mend} ${quoted(folder)}`),
  );
}

/** Folders first, then files until the time is over, from anywhere on, so that each is looked at in some start. */
function below(folder, write) {
  const until = Date.now() + LOOK_MS_MAX;
  const wrong = [];
  const files = [];
  for (const folders = [folder]; folders.length > 0; ) {
    const present = folders.pop();
    const fault = refused(present, R_OK | X_OK | write);
    if (fault) wrong.push(fault);
    else
      for (const entry of listed(present)) (entry.isDirectory() ? folders : files).push(path.join(present, entry.name));
  }
  const first = Math.floor(Math.random() * files.length);
  for (let index = 0; index < files.length && Date.now() < until; index++) {
    const fault = refused(files[(first + index) % files.length], R_OK | write);
    if (fault) wrong.push(fault);
  }
  return wrong;
}

function listed(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (ABSENT.includes(error.code)) return [];
    throw error;
  }
}

/** Null where this user may, and where it is not there. */
function refused(file, mode) {
  try {
    accessSync(file, mode);
    return null;
  } catch ({ code }) {
    return ABSENT.includes(code) ? null : { file, code, uid: ownerOf(file) };
  }
}

function ownerOf(file) {
  try {
    return statSync(file).uid;
  } catch {
    return null;
  }
}
