// What a script consists of.

import { root } from "./paths.mjs";

/** A script and all that it imports, but for packages: paths from the project's folder. */
export async function modulesOf(entry) {
  // Not above: in a fresh clone the set-up, which installs it, runs first.
  const { build: esbuild } = await import("esbuild");
  const { metafile } = await esbuild({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}
