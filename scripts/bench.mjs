// `npm run bench`: the benchmark, scripts/bench/run.mjs, on the built Worker.

import { build } from "./build/worker.mjs";
import { run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main, Problem } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

await main(async () => {
  if (process.platform !== "linux")
    throw new Problem("the benchmark reads workerd's processor time from /proc: it needs Linux");
  const { env } = await setUp();
  await build();
  return run("node", [inRoot("scripts/bench/run.mjs")], { env });
});
