// The wrangler of this project: its script, to be run by the Node of `setUp`.

import { inRoot } from "./paths.mjs";

export const wrangler = inRoot("node_modules/wrangler/bin/wrangler.js");
