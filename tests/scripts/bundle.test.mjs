// What the build holds of the modules of the bundle (scripts/build/bundle.mjs), and which paths are those of doors.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { assertApart, bundleMain, bundleOf, checkSize } from "../../scripts/build/bundle.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { DOORS } from "../../src/doors/index.js";
import { doorOf, PATHS } from "../../src/doors/paths.js";

/** An empty folder, for as long as the test runs. */
function folderFor(t) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bundle-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return (name) => path.join(folder, name);
}

test("a module that main.js and doors.js would both have is refused", async (t) => {
  const at = folderFor(t);
  const start = await bundleMain(at("main.js"), { conditions: ["default"] });
  const doors = await bundleOf(inRoot("src/doors/index.js"), at("doors.js"), {});
  assertApart(start, doors);
  writeFileSync(at("wrong.js"), `export * from ${JSON.stringify(inRoot("src/cloudflare/drain.js"))};`);
  const wrong = await bundleOf(at("wrong.js"), at("out.js"), {});
  assert.throws(
    () => assertApart(start, [...doors, ...wrong]),
    /^Error: src\/cloudflare\/drain\.js: in main\.js and in/,
  );
});

test("each part of the bundle has a limit of its own", (t) => {
  const at = folderFor(t);
  const write = (sizes) => {
    for (const [name, bytes] of Object.entries(sizes)) writeFileSync(at(name), randomBytes(bytes));
  };
  write({ "index_bg.wasm": 400_000, "main.js": 49_000, "doors.js": 44_000 });
  checkSize(at(""));
  write({ "doors.js": 46_000 });
  assert.throws(() => checkSize(at("")), /doors\.js: 46\.\d KB gzipped, more than the 45\.0 KB/);
  write({ "main.js": 51_000, "doors.js": 1 });
  assert.throws(() => checkSize(at("")), /index_bg\.wasm and main\.js: 451\.\d KB gzipped, more than the 450\.0 KB/);
});

test("each door has paths and each of these a door, and none is a path of our own API", () => {
  assert.deepEqual(Object.keys(PATHS).sort(), Object.keys(DOORS).sort());
  const own = [
    "/",
    "/health",
    "/ready",
    "/openapi.json",
    "/workflows",
    "/workflows/mcp",
    "/workflows/mcp/events",
    "/v1/access",
    "/an-id",
    "/an-id/events",
    "/assets/console.js",
  ];
  assert.deepEqual(
    own.filter((pathname) => doorOf(pathname)),
    [],
  );
});
