// Which page an address shows, by the same rules as the server's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { load } from "./support/load.mjs";

Object.assign(globalThis, { location: { pathname: "/", hash: "" }, addEventListener() {} });
const { addressOf, placeOf, RESERVED } = await load("lib/router.ts");

const at = (pathname, hash = "") => placeOf({ pathname, hash });

test("an address is the start page, a workflow, or nothing", () => {
  assert.deepEqual(at("/", "#x"), { id: null, nowhere: null, fragment: "x" });
  assert.deepEqual(at("/workflows"), { id: null, nowhere: null, fragment: "" });
  // An address of the API's list.
  for (const pathname of ["/", "/workflows"]) {
    const { fragment } = placeOf({ pathname, hash: "", search: "?parent=w1&status=errored" });
    assert.equal(fragment, "parent=w1&status=errored");
    assert.equal(placeOf({ pathname, hash: "#q=x", search: "?parent=w1" }).fragment, "q=x");
  }
  const longest = "x".repeat(100);
  for (const id of ["w1", "_", "my-id_9", "pause", longest]) {
    assert.deepEqual(at(`/${id}`, "#log"), { id, nowhere: null, fragment: "log" });
    assert.deepEqual(at(`/workflows/${id}`), { id, nowhere: null, fragment: "" });
  }
  for (const path of [
    "/a%20b",
    "/%zz",
    "/%77%31",
    "/-w1",
    "/w1/",
    "/w1/pause",
    "/a/b/c",
    "//w1",
    `/${longest}x`,
    "/workflows/",
    "/workflows/-w1",
    "/workflows/w1/pause",
    "/index.html",
  ])
    assert.deepEqual(at(path, "#%zz"), { id: null, nowhere: path, fragment: "%zz" });
});

test("a word that the server keeps for itself is an id below /workflows only, and the words are the server's", () => {
  const rust = /RESERVED: \[&str; \d+\] = \[([^\]]*)\]/.exec(readFileSync(inRoot("src/api/id.rs"), "utf8"))[1];
  const words = [...rust.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
  assert.deepEqual([...RESERVED], words);
  for (const word of words) {
    assert.equal(at(`/${word}`).nowhere, word === "workflows" ? null : `/${word}`);
    assert.deepEqual(at(addressOf(word)), { id: word, nowhere: null, fragment: "" });
  }
  assert.equal(addressOf("w1"), "/w1");
});
