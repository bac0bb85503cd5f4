// `npm run openapi`: writes src/api/openapi.json and docs/errors.md anew from the Rust types and tables. To be
// committed; a test fails where one is out of date.

import { run } from "./lib/exec.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp();
  return run("cargo", ["test", "--locked", "--lib", "the_committed_document"], {
    env: { ...env, UPDATE_OPENAPI: "1" },
  });
});
