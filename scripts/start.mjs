// `npm start`: sets up what is missing and serves the `development` environment. Further arguments go to wrangler:
// `-- --port 9000`.

import { build } from "./build/worker.mjs";
import { root } from "./lib/paths.mjs";
import { argumentsFromReader } from "./lib/reader.mjs";
import { main } from "./lib/say.mjs";
import { setUp } from "./setup/index.mjs";
import { start } from "./start/index.mjs";

await main(() =>
  start(argumentsFromReader(process.argv.slice(2)), root, async () => {
    const { env } = await setUp();
    await build();
    return { env, flags: [] };
  }),
);
