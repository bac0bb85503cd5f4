// Bundles console/ into build/console, which wrangler.toml's [assets] serves:
//
//   index.html            what the Worker answers browsers with, at `/` and `/ID` (never served by its own path)
//   _headers              the headers of the files under /assets
//   assets/*              script, style and icons. The page asks for them with the hash of all (`?v=HASH`), so that
//                         they may be cached (for hours, not for ever: a browser may get the last ones in mid-deploy).
//                         The hash is not part of the names, because of whoever serves the folder meanwhile
//                         (publish.mjs)
//   assets/*.LEGAL.txt    the licence comments of what is bundled
//   assets/licences.txt   the whole licences
//   openapi.json          the OpenAPI document, which the Worker answers /openapi.json with: here it costs the Worker's
//                         bundle nothing

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say, step } from "../lib/say.mjs";
import { filesUnder, fingerprintOf } from "./fingerprint.mjs";
import { markedIcons } from "./icons.mjs";
import { publish } from "./publish.mjs";

/** Of everything that a browser loads, gzipped. */
const SIZE_MAX_BYTES = 150_000;
const INPUTS = [
  "client",
  "console",
  "package-lock.json",
  "scripts/build/console.mjs",
  "scripts/build/icons.mjs",
  "scripts/build/publish.mjs",
  "src/api/openapi.json",
];

const consoleFolder = inRoot("build/console");
const PAGE = "index.html";

/** Builds unless nothing changed. The npm packages must be there. */
export async function buildConsole() {
  const stamp = path.join(consoleFolder, "../.console-inputs");
  const inputs = fingerprintOf("console", INPUTS);
  if (!existsSync(stamp) || !existsSync(path.join(consoleFolder, PAGE)) || readFileSync(stamp, "utf8") !== inputs) {
    rmSync(stamp, { force: true });
    await step("build the console", async () => {
      mkdirSync(inRoot("build"), { recursive: true });
      const folder = mkdtempSync(inRoot("build/.new-console-"));
      try {
        await bundle(folder);
        publish(folder, consoleFolder, PAGE);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
    writeFileSync(stamp, inputs);
  }
  checkSize();
}

/** Writes all files into the folder. */
async function bundle(folder) {
  // Not above: in a fresh clone the set-up, which installs it, runs first.
  const { build: esbuild } = await import("esbuild");
  mkdirSync(path.join(folder, "assets"), { recursive: true });
  const { metafile } = await esbuild({
    entryPoints: { console: inRoot("console/src/main.tsx") },
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
  writeFileSync(path.join(folder, "assets/licences.txt"), licences(Object.keys(metafile.inputs)));
  const icon = readFileSync(inRoot("console/icon.svg"), "utf8");
  writeFileSync(path.join(folder, "assets/icon.svg"), icon);
  for (const [state, svg] of markedIcons(icon)) writeFileSync(path.join(folder, `assets/icon-${state}.svg`), svg);
  const hash = createHash("sha256");
  for (const file of filesUnder(path.join(folder, "assets"))) hash.update(readFileSync(file));
  const page = readFileSync(inRoot("console/index.html"), "utf8");
  writeFileSync(path.join(folder, PAGE), page.replaceAll("%HASH%", hash.digest("hex").slice(0, 8)));
  cpSync(inRoot("console/_headers"), path.join(folder, "_headers"));
  writeFileSync(
    path.join(folder, "openapi.json"),
    JSON.stringify(JSON.parse(readFileSync(inRoot("src/api/openapi.json"), "utf8"))),
  );
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
  return [path.join(consoleFolder, PAGE), ...files.map((name) => path.join(assets, name))].map((file) => ({
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
