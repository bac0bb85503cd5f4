// `npm run build`, and the [build] command of wrangler.toml, so that plain `wrangler dev` and `wrangler deploy` build
// too.

import { build } from "./build/worker.mjs";
import { main } from "./lib/say.mjs";

await main(async () => {
  await build({ crashTest: process.argv.includes("--crash-test") });
});
