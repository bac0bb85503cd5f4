// `npm run demo:crash`: kills the server with -9 in the middle of a run, starts it again, and shows what became of the
// work.

import { build } from "./build/worker.mjs";
import { run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  const { env } = await setUp();
  await build();
  // Another process, since Miniflare wants the Node that the setup provides.
  return run("node", [inRoot("scripts/demo-crash/show.mjs")], { env });
});
