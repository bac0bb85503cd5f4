// `npm run serve`, and the commands for what it keeps. Options follow two dashes: `npm run serve -- --data DIR`.
// Without npm it is run as `node -- scripts/serve.mjs serve`, so that an --env-file is ours (lib/env-file.mjs).

import { build } from "./build/worker.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main } from "./lib/say.mjs";
import { runCommand } from "./serve/command.mjs";
import { setUp } from "./setup/index.mjs";

await main(() => {
  const [name, ...args] = process.argv.slice(2);
  return runCommand(name, args, async () => {
    await setUp();
    await build();
    return inRoot("build/bundle");
  });
});
