// How `serve` ends, for systemd, Docker and scripts (the statuses of sysexits.h).

import { Problem } from "../lib/say.mjs";

/** Another process has what we need: trying again later may help. */
export const BUSY = 75;
/** Trying again does not help. */
export const WRONG_CONFIGURATION = 78;

export class ConfigurationProblem extends Problem {
  exitStatus = WRONG_CONFIGURATION;
}

export class BusyProblem extends Problem {
  exitStatus = BUSY;
}

const OWNER = (where) =>
  `this user may not use ${where}: change its owner or its mode, or run as the one it belongs to`;
const FULL = (where) => `no space is left for ${where}: make room on its disk`;
const READ_ONLY = (where) => `${where} is on a disk that is mounted for reading only: mount it for writing`;
const FAILS = (where) => `the disk of ${where} fails: look at the log of the system (dmesg)`;
const NO_PATH = (where) => `${where} is no path that can be used here: choose another one`;
const TOO_MANY = () => "too many files are open: raise the limit (ulimit -n, or LimitNOFILE of systemd)";
const NO_MEMORY = () => "the system has no memory left for it: end something else, or raise the limit";

/** What the system says by its codes, and whether trying again can help. */
const BY_CODE = {
  EACCES: [OWNER, false],
  EPERM: [OWNER, false],
  EROFS: [READ_ONLY, false],
  ENOENT: [NO_PATH, false],
  ENOTDIR: [NO_PATH, false],
  EISDIR: [NO_PATH, false],
  ELOOP: [NO_PATH, false],
  ENAMETOOLONG: [NO_PATH, false],
  ENOSPC: [FULL, true],
  EDQUOT: [FULL, true],
  EIO: [FAILS, true],
  EMFILE: [TOO_MANY, true],
  ENFILE: [TOO_MANY, true],
  ENOMEM: [NO_MEMORY, true],
};
/** The same by the primary result codes of SQLite, which names no file. */
const BY_SQLITE = {
  3: [OWNER, false],
  7: [NO_MEMORY, true],
  8: [OWNER, false],
  10: [FAILS, true],
  11: [(where) => `${where} is damaged: put it back from a backup`, false],
  13: [FULL, true],
  14: [OWNER, false],
  26: [(where) => `${where} is no database: put it back from a backup`, false],
};

/** What the system refused, as a sentence instead of a stack; all else as it is. `folder`: what it was about. */
export function worded(error, folder) {
  if (!(error instanceof Error) || error instanceof Problem) return error;
  const { code, errcode, syscall, path, dest } = /** @type {any} */ (error);
  const isSqlite = code === "ERR_SQLITE_ERROR";
  if (!isSqlite && (typeof code !== "string" || typeof syscall !== "string")) return error;
  const [words, mayPass] = (isSqlite ? BY_SQLITE[errcode & 0xff] : BY_CODE[code]) ?? [null, true];
  // A copy that finds no space names both.
  const where = (words === FULL ? (dest ?? path) : path) ?? folder;
  const sentence = words ? `${words(where)} (${oneLine(error)})` : `the system refuses it: ${oneLine(error)}`;
  return mayPass ? new Problem(sentence) : new ConfigurationProblem(sentence);
}

const oneLine = ({ message }) => message.replaceAll(/\s+/g, " ");
