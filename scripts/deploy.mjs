// `npm run deploy:ENVIRONMENT`: wrangler builds (wrangler.toml's [build]) and deploys. Further arguments go to
// wrangler: `-- --dry-run`. A deployment without tokens is offered one.

import { deploy } from "./deploy/index.mjs";
import { argumentsFromReader } from "./lib/reader.mjs";
import { main } from "./lib/say.mjs";
import { wranglerIn } from "./lib/wrangler.mjs";
import { setUp } from "./setup/index.mjs";

const [environment, ...rest] = argumentsFromReader(process.argv.slice(2));

await main(async () => {
  const { env } = await setUp();
  return deploy(environment, rest, { wrangler: wranglerIn({ env }), shown: (line) => `npx wrangler ${line}` });
});
