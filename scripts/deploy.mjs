// `npm run deploy:ENVIRONMENT`: wrangler builds (wrangler.toml's [build]) and deploys. Further arguments go to
// wrangler: `-- --dry-run`.

import { main } from "./lib/say.mjs";
import { environmentFlag, runWrangler } from "./lib/wrangler.mjs";
import { setUp } from "./setup/index.mjs";

const [environment, ...rest] = process.argv.slice(2);

await main(async () => {
  const { env } = await setUp();
  return runWrangler(["deploy", environmentFlag(environment), ...rest], { env });
});
