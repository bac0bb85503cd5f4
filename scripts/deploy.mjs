// `npm run deploy:ENVIRONMENT`: wrangler builds (wrangler.toml's [build]) and deploys. Further arguments go to wrangler: `-- --dry-run`.

import { run } from "./lib/exec.mjs";
import { main } from "./lib/say.mjs";
import { wrangler } from "./lib/wrangler.mjs";
import { setUp } from "./setup/index.mjs";

const [environment, ...rest] = process.argv.slice(2);
// The top level is production, which wrangler calls the empty environment.
const flag = `--env=${environment === "production" ? "" : environment}`;

await main(async () => {
  const { env } = await setUp();
  return run("node", [wrangler, "deploy", flag, ...rest], { env });
});
