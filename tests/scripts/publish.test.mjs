// A build of the console while somebody is served the last one.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { publish } from "../../scripts/build/publish.mjs";

test("a folder that is served stays, its page comes last, and what is the same is left alone", (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), "publish-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const to = path.join(root, "console");
  const files = () => readdirSync(to, { recursive: true }).map(String).sort();
  const build = (texts) => {
    const from = mkdtempSync(path.join(root, "new-"));
    mkdirSync(path.join(from, "assets"));
    for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(from, name), text);
    return from;
  };
  publish(
    build({ "index.html": "one", "assets/a.js": "one", "assets/b.css": "same", "old.json": "" }),
    to,
    "index.html",
  );
  assert.deepEqual(files(), ["assets", "assets/a.js", "assets/b.css", "index.html", "old.json"]);
  const before = statSync(to).ino;
  const same = statSync(path.join(to, "assets/b.css")).ino;
  publish(build({ "index.html": "two", "assets/a.js": "two", "assets/b.css": "same" }), to, "index.html");
  assert.deepEqual(files(), ["assets", "assets/a.js", "assets/b.css", "index.html"]);
  assert.equal(readFileSync(path.join(to, "assets/a.js"), "utf8"), "two");
  assert.deepEqual([statSync(to).ino, statSync(path.join(to, "assets/b.css")).ino], [before, same]);
  // A folder in the way of a file stops it before the page names what is not there.
  const broken = build({ "index.html": "three", "assets/a.js": "three", "assets/c.js": "three" });
  mkdirSync(path.join(to, "assets/c.js"));
  assert.throws(() => publish(broken, to, "index.html"));
  assert.equal(readFileSync(path.join(to, "index.html"), "utf8"), "two");
});
