// build/bundle, the modules that are deployed: what every isolate loads at its start, index_bg.wasm and main.js, and
// doors.js, which main.js loads with the first request for a door (src/doors/index.js). Each has a limit of its own.

import { cpSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say } from "../lib/say.mjs";

/** Gzipped. */
const PARTS = [
  {
    what: "bundle",
    files: ["index_bg.wasm", "main.js"],
    maxBytes: 450_000,
    words: "wasm and JavaScript that are loaded at the start",
    remedy: "look for a new dependency, or for code that exists once for each type",
  },
  {
    what: "doors",
    files: ["doors.js"],
    maxBytes: 45_000,
    words: "loaded with the first request for one",
    remedy: "a door translates, what it decides belongs behind our API",
  },
];
/** What the runtime has, and what lies beside the script. */
const EXTERNAL = ["cloudflare:*", "*.wasm"];

export async function bundle({ out, condition }, folder) {
  const conditions = [condition];
  const start = await bundleMain(path.join(folder, "main.js"), { conditions });
  const doors = await bundleOf(inRoot("src/doors/index.js"), path.join(folder, "doors.js"), { conditions });
  assertApart(start, doors);
  cpSync(inRoot(out, "index_bg.wasm"), path.join(folder, "index_bg.wasm"));
  rmSync(inRoot(out, "bundle"), { recursive: true, force: true });
  renameSync(folder, inRoot(out, "bundle"));
}

/** Without doors.js, which it imports by that name once it is wanted. */
export const bundleMain = (outfile, options) =>
  bundleOf(inRoot("src/cloudflare/main.js"), outfile, { external: [...EXTERNAL, "./doors.js"], ...options });

/** Writes one module of the entry and all that it imports; resolves to the paths of these files. */
export async function bundleOf(entry, outfile, options) {
  // Not above: in a fresh clone the set-up, which installs it, runs first.
  const { build: esbuild } = await import("esbuild");
  const { metafile } = await esbuild({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    external: EXTERNAL,
    logLevel: "warning",
    absWorkingDir: inRoot(),
    ...options,
  });
  return Object.keys(metafile.inputs);
}

/** A module that is in both would be there twice, and its state too: the instance, the crashes, the drain. */
export function assertApart(start, doors) {
  const both = start.filter((file) => doors.includes(file));
  if (both.length > 0)
    throw new Problem(
      `${both.join(", ")}: in main.js and in doors.js. A door has what src/doors/inside.js gives it, and main.js has ` +
        "src/doors/paths.js alone",
    );
}

export function checkSize(folder) {
  for (const { what, files, maxBytes, words, remedy } of PARTS) {
    const bytes = gzipSync(Buffer.concat(files.map((name) => readFileSync(path.join(folder, name))))).length;
    const padded = `${what}:`.padEnd(7);
    say(`         ${padded} ${kilobytes(bytes)} gzipped (${words}; at most ${kilobytes(maxBytes)})`);
    if (bytes > maxBytes)
      throw new Problem(
        `${files.join(" and ")}: ${kilobytes(bytes)} gzipped, more than the ${kilobytes(maxBytes)} that we allow ` +
          `ourselves: ${remedy}`,
      );
  }
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
