// The types of the client are those of the committed OpenAPI document.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { TYPES, typesOfDocument } from "../../scripts/openapi/types.mjs";

test("the types of the client are up to date: else run `npm run openapi`", async () => {
  assert.ok(readFileSync(inRoot(TYPES), "utf8") === (await typesOfDocument()));
});
