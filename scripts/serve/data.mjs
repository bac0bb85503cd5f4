// The folder in which `serve` keeps everything:
//
//   orchestrator-workers.json   what it is, and which version wrote it
//   .gitignore                  keeps it out of whatever repository it lies in
//   token                       the token that was made where none was given, for its owner's eyes
//   objects/                    workerd's: one SQLite file per workflow, tenant and alarm list
//   lock                        held by the process that serves the folder
//   member                      of a node of a fleet: a digest of the configuration with which it was a member last
//   run/                        what the present process needs: made anew at each start. `url` is where it answers

import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { held } from "./databases.mjs";
import { BusyProblem, ConfigurationProblem } from "./exit.mjs";
import { assertUsable } from "./usable.mjs";

/** A later one means files that we would not understand. */
const FORMAT = 1;
export const MANIFEST = "orchestrator-workers.json";
export const TOKEN = "token";
const LOCK = "lock";
/** What exit.mjs has other words for. */
const NOT_OF_ITS_OWNER = ["EROFS", "ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE"];
/** SQLITE_IOERR and SQLITE_FULL. */
const OF_DISK = [10, 13];
const MEMBER = "member";
/** What the folder of a copy is called while it is made (partial.mjs), and in it what is copied. */
export const PARTIAL = /\.partial-[0-9a-f]{12}$/;
export const CONTENT = "content";
/** What may be there after a first start that was interrupted, or of a disk of its own. */
const OURS = /^(objects|run|token|member|lock|lock-journal|lost\+found|\.gitignore|\..+\.\d+)$/;
/** The tenant of the token that is made. */
const OWNER = "me";

export class DataFolder {
  #lock = null;

  constructor(folder) {
    this.folder = path.resolve(folder);
  }

  in(...parts) {
    return path.join(this.folder, ...parts);
  }

  get objects() {
    return this.in("objects");
  }

  get run() {
    return this.in("run");
  }

  /**
   * Makes the folder, or checks that it is one of ours that this user may write and this version understands.
   * `cluster`: the bucket whose fleet the folder's objects are of, or null where they are here alone.
   */
  open(cluster = null) {
    this.#make();
    const manifest = this.manifest();
    if (manifest === null) {
      const others = readdirSync(this.folder).filter((name) => !OURS.test(name));
      if (isInterrupted(this.folder))
        throw new ConfigurationProblem(
          `${this.folder} is what a restore has left that was interrupted: restore to it once more`,
        );
      if (others.length > 0)
        throw new ConfigurationProblem(
          `${this.folder} has files of something else (${others.slice(0, 3).join(", ")}): give --data a folder of ` +
            "its own",
        );
    } else this.assertKnown();
    assertUsable(this.folder);
    if (manifest !== null) this.#assertSame(manifest.cluster ?? null, cluster);
  }

  /** Refuses what a later version wrote. */
  assertKnown() {
    const manifest = this.manifest();
    if (manifest.format > FORMAT)
      throw new ConfigurationProblem(
        `${this.folder} was written by version ${manifest.version}, which is newer: serve it with that version or a ` +
          "later one",
      );
  }

  /** Makes what is missing in the folder, which is ours by now. */
  fill(version, cluster = null) {
    const written = { format: FORMAT, version, ...(cluster ? { cluster } : {}) };
    if (JSON.stringify(this.manifest()) !== JSON.stringify(written))
      this.#write(MANIFEST, `${JSON.stringify(written)}\n`, 0o644);
    // It has prompts, answers and a token.
    if (!existsSync(this.in(".gitignore"))) this.#write(".gitignore", "*\n", 0o644);
    for (const folder of [this.objects, this.run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The digest of the configuration with which this node was a member of its fleet; empty where it never was. */
  memberOf() {
    return existsSync(this.in(MEMBER)) ? readFileSync(this.in(MEMBER), "utf8").trim() : "";
  }

  rememberMember(digest) {
    if (this.memberOf() !== digest) this.#write(MEMBER, `${digest}\n`, 0o600);
  }

  /** Refuses what is not kept here: a node's files are no more than a copy of what its fleet has in the bucket. */
  assertOneNode() {
    const { cluster = null } = this.manifest() ?? {};
    if (cluster !== null)
      throw new ConfigurationProblem(`${this.folder} is that of a node: what its fleet keeps is in ${cluster}`);
  }

  /** Workflows do not move between a folder and a bucket, or between two buckets. */
  #assertSame(present, wanted) {
    if (present === wanted || !existsSync(this.objects) || readdirSync(this.objects).length === 0) return;
    const isOf = present ? `is of a node of the fleet ${present}` : "holds the workflows of one node";
    throw new ConfigurationProblem(
      `${this.folder} ${isOf}, and nothing of it is taken over ${wanted ? `into ${wanted}` : "by one node"}: give ` +
        `--data a new folder${present ? `, or --cluster ${present}` : ""}`,
    );
  }

  /** What the folder says of itself; null where it says nothing. */
  manifest() {
    const file = this.in(MANIFEST);
    if (!existsSync(file)) return null;
    const text = readFileSync(file, "utf8");
    try {
      const manifest = JSON.parse(text);
      if (Number.isInteger(manifest?.format)) return manifest;
    } catch {
      // Said below.
    }
    throw new ConfigurationProblem(`${file} can't be read as what ${MANIFEST} is: put it back from a backup`);
  }

  /** Takes the folder for this process, until it ends. The kernel lets go of the lock, however that happens. */
  take() {
    try {
      if (existsSync(this.in(LOCK))) accessSync(this.in(LOCK), constants.R_OK | constants.W_OK);
      this.#lock = held(this.in(LOCK));
    } catch (error) {
      // Of the disk: it is full, or fails.
      if (OF_DISK.includes(error.errcode & 0xff)) throw error;
      throw new ConfigurationProblem(`${this.in(LOCK)} can't be locked: ${error.message}`);
    }
    if (this.#lock === null)
      throw new BusyProblem(
        `another process serves ${this.folder}, and two would make each call twice: end it, or give this one a ` +
          "folder of its own with --data",
      );
  }

  release() {
    this.#lock?.close();
    this.#lock = null;
  }

  /** The pair of API_TOKENS that was made for this folder, made now where there is none: `{ pair, token, isNew }`. */
  ownToken() {
    const file = this.in(TOKEN);
    const isNew = !existsSync(file);
    if (isNew) this.#write(TOKEN, `${randomBytes(32).toString("hex")}\n`, 0o600);
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    const token = readFileSync(file, "utf8").trim();
    if (!/^[\x21-\x2b\x2d-\x7e]{16,512}$/.test(token))
      throw new ConfigurationProblem(`${file} holds no token: delete it, and a new one is made`);
    return { pair: `${OWNER}:${token}`, token, isNew };
  }

  #make() {
    try {
      makeFolder(this.folder);
      this.folder = realpathSync(this.folder);
      if (!statSync(this.folder).isDirectory()) throw new Error("it is no folder");
      accessSync(this.folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      if (NOT_OF_ITS_OWNER.includes(error.code)) throw error;
      const owner = ["EACCES", "EPERM"].includes(error.code) ? "change its owner, or " : "";
      throw new ConfigurationProblem(
        `this user can't write ${this.folder} (${error.message}): ${owner}give --data another folder`,
      );
    }
  }

  /** Whole or not at all, whatever happens meanwhile. */
  #write(name, text, mode) {
    const temporary = this.in(`.${name}.${process.pid}`);
    rmSync(temporary, { force: true });
    const file = openSync(temporary, "wx", mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } catch (error) {
      rmSync(temporary, { force: true });
      // Those of a file that is open name none.
      throw Object.assign(error, { path: this.in(name) });
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.in(name));
  }
}

/** Whether a folder has nothing but what a disk of its own has, and what a copy into it may have left. */
export const isFree = (folder) => isFreeBut(folder, []);

/** Whether a folder has no more than what a restore into it has left that was interrupted. */
function isInterrupted(folder) {
  const left = readdirSync(folder).filter((name) => PARTIAL.test(name));
  const placed = left.flatMap((name) => placedFrom(path.join(folder, name)));
  return left.length > 0 && isFreeBut(folder, placed);
}

const isFreeBut = (folder, names) =>
  readdirSync(folder).every((name) => name === "lost+found" || PARTIAL.test(name) || names.includes(name));

/**
 * What a copy that makes `partial` has moved to its place already, while the rest is not there. Only from within the
 * target are things moved one by one. What was moved last comes first.
 */
export function placedFrom(partial) {
  const around = path.dirname(partial);
  if (path.basename(partial).replace(PARTIAL, "") !== "") return [];
  const isLeft = (name) => existsSync(path.join(partial, CONTENT, name));
  if (!isLeft(MANIFEST) || isLeft("objects") || existsSync(path.join(around, MANIFEST))) return [];
  return [TOKEN, "objects"].filter((name) => !isLeft(name) && existsSync(path.join(around, name)));
}

/**
 * A folder and those above it. Not as mkdir does it by itself, which tries without end where the file system takes no
 * folders, such as /proc.
 */
export function makeFolder(folder, mode = 0o700) {
  const missing = [];
  for (let one = path.resolve(folder); !existsSync(one) && path.dirname(one) !== one; one = path.dirname(one))
    missing.unshift(one);
  for (const one of missing) {
    try {
      mkdirSync(one, { mode });
    } catch (error) {
      // Somebody else made it just now, or it is a link to nowhere.
      if (error.code !== "EEXIST" || !existsSync(one)) throw error;
    }
  }
}
