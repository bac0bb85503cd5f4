// The per-user cache of tools: each in a folder named by tool and version, complete or absent.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { toolsCache } from "../lib/paths.mjs";
import { step } from "../lib/say.mjs";

/**
 * The folder `NAME-VERSION` of the cache. Where it is absent, `install(folder)` fills a temporary one that is then renamed: an
 * interrupted set-up leaves nothing half done, and of two clones that install at once the second finds the first one's.
 */
export async function cached(name, install) {
  const folder = path.join(toolsCache, name);
  if (existsSync(folder)) return folder;
  await step(`install ${name.replace(/-(?=\d)/, " ")}`, async () => {
    mkdirSync(toolsCache, { recursive: true });
    const temporary = mkdtempSync(path.join(toolsCache, `.${name}-`));
    try {
      await install(temporary);
      rename(temporary, folder);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });
  return folder;
}

function rename(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another clone was faster between the check and the rename: its tool is the same.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  }
}
