// `npm run openapi`: writes src/api/openapi.json and docs/errors.md anew from the Rust types and tables, and from the
// document the types of the client. To be committed; a test fails where one is out of date.

import { writeFileSync } from "node:fs";
import { run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main } from "./lib/say.mjs";
import { TYPES, typesOfDocument } from "./openapi/types.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp();
  const code = await run("cargo", ["test", "--locked", "--lib", "the_committed_document"], {
    env: { ...env, UPDATE_OPENAPI: "1" },
  });
  if (code === 0) writeFileSync(inRoot(TYPES), await typesOfDocument());
  return code;
});
