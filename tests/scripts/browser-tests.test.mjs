// No browser test asserts on one look at a page: what it shows comes in its own time, so that such a test fails where
// the machine is busy.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { inRoot } from "../../scripts/lib/paths.mjs";

const FOLDER = inRoot("tests/browser");
/** They wait by themselves, or ask somebody else than the page. */
const PATIENT = /^(violations|contentOf|(\w+\.)?api\.\w+)$/;

test("assertions on what a page shows are repeated until they hold", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".test.mjs"));
  assert.ok(files.length > 5);
  assert.deepEqual(
    files.flatMap((name) => oneLooks(readFileSync(path.join(FOLDER, name), "utf8")).map((line) => `${name}:${line}`)),
    [],
    "wrap them in `holds`",
  );
});

test("an assertion on one look is found, and none of the patient ones is", () => {
  for (const impatient of [
    "assert.equal(await page.title(), 1)",
    "assert.ok((await box.boundingBox()).x < 9)",
    "assert.deepEqual(await read(page), [])",
    "until('x', async () => { assert.ok(await page.isVisible()) })",
    "assert.equal(new URL(page.url()).hash, '')",
    "assert.deepEqual([await one.innerText(), 2], [])",
  ])
    assert.deepEqual(oneLooks(impatient), [1], impatient);
  for (const patient of [
    "await holds(async () => assert.equal(await page.title(), 1))",
    "assert.deepEqual(await violations(page), [])",
    "assert.equal((await worker.api.get('/x')).status, 200)",
    "assert.ok(value)",
  ])
    assert.deepEqual(oneLooks(patient), [], patient);
});

/** The lines of assertions that wait for something else than the patient ones, outside of `holds`. */
function oneLooks(text) {
  const source = ts.createSourceFile("test.mjs", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const lines = [];
  const visit = (node) => {
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText(source);
      if (called === "holds") return;
      if (/^assert\b/.test(called) && node.arguments.some(looks))
        lines.push(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1);
    }
    ts.forEachChild(node, visit);
  };
  const looks = (node) => {
    if (ts.isCallExpression(node) && /\burl\(\)$/.test(node.getText(source))) return true;
    if (ts.isAwaitExpression(node)) {
      const { expression } = node;
      return !(ts.isCallExpression(expression) && PATIENT.test(expression.expression.getText(source)));
    }
    return ts.forEachChild(node, (child) => looks(child) || undefined) ?? false;
  };
  visit(source);
  return lines;
}
