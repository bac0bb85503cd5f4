// `npm run package`: a tarball with everything built, for machines without Rust:
// `npx ./orchestrator-workers-VERSION.tgz`.

import { statSync } from "node:fs";
import { build } from "./build/worker.mjs";
import { root } from "./lib/paths.mjs";
import { main, say } from "./lib/say.mjs";
import { pack } from "./package/stage.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp();
  await build();
  const file = await pack(root, env);
  say(`         package: ${file} (${(statSync(file).size / 1000).toFixed(0)} KB)`);
});
