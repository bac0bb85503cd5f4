// `npm run lint`: formatting and lints of Rust (native and wasm32) and of the JavaScript.

import { checkAll } from "./lib/checks.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp({ npm: true, wasm: true, linters: true });
  return checkAll(env, [
    ["cargo", "fmt", "--check"],
    ["cargo", "clippy", "--locked", "--all-targets", "--", "-D", "warnings"],
    ["cargo", "clippy", "--locked", "--target", "wasm32-unknown-unknown", "--all-features", "--", "-D", "warnings"],
    ["npx", "--no-install", "biome", "ci", "--error-on-warnings"],
  ]);
});
