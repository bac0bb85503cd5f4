// What a fresh clone needs: the scripts load before any npm package is installed.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";

test("no script needs an npm package to be loaded: the set-up that installs them is a script itself", () => {
  const scripts = readdirSync(inRoot("scripts"), { recursive: true }).filter((file) => file.endsWith(".mjs"));
  assert.ok(scripts.length > 10);
  for (const script of scripts) {
    const text = readFileSync(inRoot("scripts", script), "utf8");
    for (const [, from] of text.matchAll(/^(?:import|export)\s(?:[^"'()=;]*\sfrom\s+)?["']([^"']+)["']/gm))
      assert.match(
        from,
        /^(?:node:|\.{1,2}\/)/,
        `scripts/${script} imports ${from}: import it where it is used, after the set-up`,
      );
  }
});
