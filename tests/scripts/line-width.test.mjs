// The width of lines: scripts/lib/line-width.mjs.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { quietly } from "../../scripts/lib/exec.mjs";
import { COLUMNS_MAX, wideLines, wideLinesOfProject } from "../../scripts/lib/line-width.mjs";

test("a line may have 120 columns and not one more, in characters", () => {
  assert.deepEqual(
    wideLines(`${"a".repeat(COLUMNS_MAX)}\n${"é".repeat(COLUMNS_MAX)}\n${"🦀".repeat(COLUMNS_MAX)}\n`),
    [],
  );
  assert.deepEqual(wideLines(`short\n${"a".repeat(COLUMNS_MAX + 1)}`), [{ line: 2, columns: COLUMNS_MAX + 1 }]);
});

test("a long line is found in every kind of source that git tracks, and only there", async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "line-width-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const names = ["a.css", "a.js", "a.json", "a.md", "a.mjs", "a.rs", "a.toml", "a.ts", "a.tsx", "gone.rs", "new.rs"];
  for (const name of names) writeFileSync(path.join(folder, name), `\n${"x".repeat(COLUMNS_MAX + 5)}\n`);
  const git = (...args) => quietly("git", args, { cwd: folder });
  await git("init", "--quiet");
  await git("add", ...names.filter((name) => name !== "new.rs"));
  rmSync(path.join(folder, "gone.rs"));
  const found = await wideLinesOfProject(folder);
  const sources = ["a.css", "a.js", "a.mjs", "a.rs", "a.toml", "a.ts", "a.tsx"];
  assert.deepEqual(
    found,
    sources.map((name) => `${name}:2: 125 columns, at most 120`),
  );
});
