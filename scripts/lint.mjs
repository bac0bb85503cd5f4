// `npm run lint`: formatting and lints of Rust (native and wasm32) and of the JavaScript, and the width of all lines.

import { checkAll } from "./lib/checks.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp({ linters: true });
  // cargo-clippy rather than cargo: that would prefer the one in its own folder to the one that the set-up chose.
  return checkAll(env, [
    ["cargo", "fmt", "--check"],
    ["cargo", "fmt", "--check", "--manifest-path", "scripts/bindgen/Cargo.toml"],
    ["cargo-clippy", "clippy", "--locked", "--all-targets", "--", "-D", "warnings"],
    [
      "cargo-clippy",
      "clippy",
      "--locked",
      "--target",
      "wasm32-unknown-unknown",
      "--all-features",
      "--",
      "-D",
      "warnings",
    ],
    ["node", "scripts/lint/line-width.mjs"],
    ["npx", "--no-install", "biome", "ci", "--error-on-warnings"],
  ]);
});
