// `npm run type-check`: cargo check (native and wasm32) with warnings denied, and TypeScript's checker over the
// JavaScript.

import { checkAll } from "./lib/checks.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp();
  // Not RUSTFLAGS, which would check the dependencies anew.
  const strict = { ...env, RUSTC_WORKSPACE_WRAPPER: inRoot("scripts/lib/deny-warnings.mjs") };
  return checkAll(strict, [
    ["cargo", "check", "--locked", "--all-targets"],
    ["cargo", "check", "--locked", "--target", "wasm32-unknown-unknown", "--all-features"],
    ["npx", "--no-install", "tsc", "--project", "tsconfig.json"],
    ["npx", "--no-install", "tsc", "--project", "console/tsconfig.json"],
  ]);
});
