// The per-user cache of tools: each in a folder named by tool and version, complete or absent.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { toolsCache } from "../lib/paths.mjs";
import { step } from "../lib/say.mjs";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The folder `NAME-VERSION` of the cache. Where it is absent, `install(folder)` fills a temporary one that is then
 * renamed: an interrupted set-up leaves nothing half done, and of two clones that install at once the second finds the
 * first one's.
 */
export async function cached(name, install) {
  const folder = path.join(toolsCache, name);
  if (existsSync(folder)) return folder;
  await step(`install ${name.replace(/-(?=\d)/, " ")}`, async () => {
    await withTemporary(name, async (temporary) => {
      await install(temporary);
      rename(temporary, folder);
    });
  });
  return folder;
}

/** Runs `work` with a new folder in the cache, which goes afterwards. */
export async function withTemporary(name, work) {
  mkdirSync(toolsCache, { recursive: true });
  removeLeftovers();
  const temporary = mkdtempSync(path.join(toolsCache, `.${name}-`));
  try {
    return await work(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Temporary folders of set-ups that were killed; a young one may belong to another clone that is at work. By ctime,
 * since unpacking an archive sets the mtime.
 */
function removeLeftovers() {
  for (const name of readdirSync(toolsCache)) {
    const folder = path.join(toolsCache, name);
    if (name.startsWith(".") && Date.now() - statSync(folder).ctimeMs > DAY_MS)
      rmSync(folder, { recursive: true, force: true });
  }
}

function rename(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another clone was faster between the check and the rename: its tool is the same.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  }
}
