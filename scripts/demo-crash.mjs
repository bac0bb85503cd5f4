// `npm run demo:crash`: kills the server with -9 in the middle of a run, starts it again, and shows what became of the
// work.

import { build } from "./build/worker.mjs";
import { run } from "./lib/exec.mjs";
import { inRoot } from "./lib/paths.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";

const HELP = `Usage: npm run demo:crash

Kills the server with -9 in the middle of a run, starts it again on the same state, and shows what became of the work.
It takes no options; DEMO_SPEED is a factor on the pauses (0: none).
`;

await main(async () => {
  const args = process.argv.slice(2);
  if (args.length > 0) {
    const isHelp = ["--help", "-h"].includes(args[0]);
    (isHelp ? process.stdout : process.stderr).write(isHelp ? HELP : `demo:crash takes no ${args[0]}.\n\n${HELP}`);
    return isHelp ? 0 : 2;
  }
  const { env } = await setUp();
  await build();
  // Another process, since Miniflare wants the Node that the setup provides.
  return run("node", [inRoot("scripts/demo-crash/show.mjs")], { env });
});
