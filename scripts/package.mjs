// `npm run package`: everything built, for machines without Rust. A tarball for `npx`, of which the Dockerfile makes an
// image, and the folder that a "Deploy to Cloudflare" button deploys.

import { statSync } from "node:fs";
import path from "node:path";
import { build } from "./build/worker.mjs";
import { root } from "./lib/paths.mjs";
import { main, say } from "./lib/say.mjs";
import { stageButton } from "./package/button.mjs";
import { crateLicences } from "./package/licences.mjs";
import { pack } from "./package/stage.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp();
  await build();
  const file = await pack(root, env);
  const folder = await stageButton(env, await crateLicences(env));
  say(`         package: ${file} (${(statSync(file).size / 1000).toFixed(0)} KB)`);
  say(`         deploy button: ${path.relative(root, folder)}`);
});
