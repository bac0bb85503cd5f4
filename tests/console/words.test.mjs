// Every error of the Worker's table, and every problem of an assembly, has words in the console.

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

test("every problem of an assembly has words for a person", () => {
  const [, variants] = /pub enum ProblemKind \{([^}]*)\}/.exec(source("src/engine/words/answer.rs"));
  const kinds = [...variants.matchAll(/^ {4}([A-Z]\w+),/gm)].map(([, name]) =>
    name.replace(/(?<=.)(?=[A-Z])/g, "_").toLowerCase(),
  );
  assert.ok(kinds.length > 5, `few kinds were found: ${kinds}`);
  const words = source("console/src/workflow/words.ts");
  assert.deepEqual(
    kinds.filter((kind) => !new RegExp(`^ {2}${kind}: \\[`, "m").test(words)),
    [],
  );
});
