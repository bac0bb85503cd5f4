// Where things are: the project, and the per-user cache of tools that all clones share.

import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const inRoot = (...parts) => path.join(root, ...parts);

/**
 * The tools live outside the project, so that a second clone starts fast, and outside ~/.cargo/bin, so that nobody
 * else's tools change.
 */
export const toolsCache = path.join(userCache(), "orchestrator-workers");

function userCache() {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  return path.join(os.homedir(), process.platform === "darwin" ? "Library/Caches" : ".cache");
}
