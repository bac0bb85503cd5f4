// The committed table of token counts against the tokenizers themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../scripts/lib/exec.mjs";
import { installedTokenizers } from "../../scripts/setup/tokenizers.mjs";

// 100 MB, so nobody's `npm test` fetches them unasked. `node scripts/tokens/table.mjs --check` does, and CI.
const absent = !process.env.CI && installedTokenizers() === null;

test("the table of token counts is what the tokenizers say", {
  skip: absent && "the tokenizers are not installed: node scripts/tokens/table.mjs --check",
}, async () => {
  const { code, stderr } = await capture("node", ["scripts/tokens/table.mjs", "--check"]);
  assert.equal(code, 0, stderr);
});
