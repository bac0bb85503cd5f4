// `npm run doctor`: what is set up, what is missing, and which command mends it. Options follow two dashes.

import { doctor, INSTALL } from "./doctor/index.mjs";
import { main } from "./lib/say.mjs";
import { isInstalled, wranglerIn } from "./lib/wrangler.mjs";

await main(() =>
  doctor(process.argv.slice(2), {
    wrangler: async () => (isInstalled() ? wranglerIn({ env: process.env }) : null),
    words: { wrangler: (line) => `npx wrangler ${line}`, deploy: "npm run deploy", install: INSTALL },
  }),
);
