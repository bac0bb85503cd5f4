// Every error of the Worker's table has words in the console.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("every error's name has a sentence for a person", () => {
  const names = [...source("src/errors.rs").matchAll(/^ {4}([A-Z]\w+): "/gm)].map(([, name]) => name);
  assert.ok(names.length > 30, `few names were found: ${names}`);
  const words = source("console/src/workflow/words.ts");
  const without = names.filter((name) => !new RegExp(`^ {2}${name}:\\s+"`, "m").test(words));
  assert.deepEqual(without, []);
});
