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

let bundles = 0;

/** Modules of console/src by their paths there, as one: what they share they share here too. */
export async function load(...names) {
  const outfile = path.join(folder, `${bundles++}.mjs`);
  const contents = names.map((name) => `export * from ${JSON.stringify(`./${name}`)};`).join("\n");
  await build({
    stdin: { contents, resolveDir: inRoot("console/src"), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}
