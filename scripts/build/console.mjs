// Bundles console/ into build/console, which wrangler.toml's [assets] serves:
//
//   index.html            what the Worker answers browsers with, at `/` and `/ID` (never served by its own path)
//   _headers              the headers of the files under /assets
//   assets/*-HASH.*       script, style and icon: their names change with their content, so that they may be cached
//                         (for hours, not for ever: the headers are those of a 404 too, which a browser may meet in
//                         mid-deploy)
//   assets/*.LEGAL.txt    the licence comments of what is bundled
//   assets/licences.txt   the whole licences
//   openapi.json          the OpenAPI document, which the Worker answers /openapi.json with: here it costs the Worker's
//                         bundle nothing

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say, step } from "../lib/say.mjs";
import { fingerprintOf } from "./fingerprint.mjs";
import { markedIcons } from "./icons.mjs";

/** Of everything that a browser loads, gzipped. */
const SIZE_MAX_BYTES = 150_000;
const INPUTS = [
  "console",
  "package-lock.json",
  "scripts/build/console.mjs",
  "scripts/build/icons.mjs",
  "src/api/openapi.json",
];

export const consoleFolder = inRoot("build/console");

/** Builds unless nothing changed. The npm packages must be there. */
export async function buildConsole() {
  const stamp = path.join(consoleFolder, "../.console-inputs");
  const inputs = fingerprintOf("console", INPUTS);
  if (!existsSync(stamp) || !existsSync(consoleFolder) || readFileSync(stamp, "utf8") !== inputs) {
    rmSync(stamp, { force: true });
    await step("build the console", bundle);
    writeFileSync(stamp, inputs);
  }
  checkSize();
}

async function bundle() {
  // Not above: in a fresh clone the set-up, which installs it, runs first.
  const { build: esbuild } = await import("esbuild");
  const folder = `${consoleFolder}.new`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, "assets"), { recursive: true });
  const { metafile } = await esbuild({
    entryPoints: { console: inRoot("console/src/main.tsx") },
    entryNames: "[name]-[hash]",
    outdir: path.join(folder, "assets"),
    bundle: true,
    minify: true,
    metafile: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "linked",
    logLevel: "warning",
    absWorkingDir: inRoot(),
  });
  const outputs = Object.keys(metafile.outputs).map((file) => path.basename(file));
  const named = (suffix) => outputs.find((file) => file.endsWith(suffix)) ?? "";
  writeFileSync(path.join(folder, "assets/licences.txt"), licences(Object.keys(metafile.inputs)));
  const icon = readFileSync(inRoot("console/icon.svg"), "utf8");
  const marked = markedIcons(icon);
  // One hash of all: the console makes a marked icon's name from the plain one's (console/src/lib/signal.ts).
  const hash = createHash("sha256").update(icon).update(JSON.stringify(marked)).digest("hex").slice(0, 8);
  const iconName = `icon-${hash}.svg`;
  writeFileSync(path.join(folder, "assets", iconName), icon);
  for (const [state, svg] of marked) writeFileSync(path.join(folder, "assets", `icon-${state}-${hash}.svg`), svg);
  const page = readFileSync(inRoot("console/index.html"), "utf8");
  const filled = page.replace("%CSS%", named(".css")).replace("%JS%", named(".js")).replace("%ICON%", iconName);
  writeFileSync(path.join(folder, "index.html"), filled);
  cpSync(inRoot("console/_headers"), path.join(folder, "_headers"));
  writeFileSync(
    path.join(folder, "openapi.json"),
    JSON.stringify(JSON.parse(readFileSync(inRoot("src/api/openapi.json"), "utf8"))),
  );
  // In one move: a server that runs meanwhile never sees half of it.
  rmSync(consoleFolder, { recursive: true, force: true });
  renameSync(folder, consoleFolder);
}

/** The licence of each package of which something is in the bundle. */
function licences(inputs) {
  const packages = new Set(inputs.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  return [...packages]
    .sort()
    .map((name) => {
      const folder = inRoot("node_modules", name);
      const { version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((candidate) => /^licen[cs]e(\.|$)/i.test(candidate));
      if (!file) throw new Problem(`${name} has no file with its licence`);
      return `${name} ${version} (${license})\n\n${readFileSync(path.join(folder, file), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** What a browser transfers, file by file, gzipped. */
export function consoleSizes() {
  const assets = path.join(consoleFolder, "assets");
  const files = readdirSync(assets).filter((name) => !name.endsWith(".txt"));
  return [path.join(consoleFolder, "index.html"), ...files.map((name) => path.join(assets, name))].map((file) => ({
    name: path.basename(file),
    bytes: gzipSync(readFileSync(file), { level: 9 }).length,
  }));
}

function checkSize() {
  const sizes = consoleSizes();
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = sizes.map(({ name, bytes }) => `${path.extname(name).slice(1)} ${kilobytes(bytes)}`).join(", ");
  say(`         console: ${kilobytes(total)} gzipped (${parts}; at most ${kilobytes(SIZE_MAX_BYTES)})`);
  if (total > SIZE_MAX_BYTES)
    throw new Problem(
      `the console has ${kilobytes(total)} gzipped, more than the ${kilobytes(SIZE_MAX_BYTES)} that we allow ` +
        "ourselves: look for a new dependency (scripts/build/console.mjs)",
    );
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
