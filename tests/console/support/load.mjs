// Modules of the console, bundled so that Node runs them.

import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { inRoot } from "../../../scripts/lib/paths.mjs";

const folder = mkdtempSync(path.join(os.tmpdir(), "orchestrator-console-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A module of console/src by its path there. */
export async function load(name) {
  const outfile = path.join(folder, `${path.basename(name)}.mjs`);
  await build({
    entryPoints: [inRoot("console/src", name)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}
