// The workerd that wrangler brings, so that development and production run the same.

import { createRequire } from "node:module";
import { wrangler } from "../lib/wrangler.mjs";

/** The path of the program itself, for this platform. */
export function workerd() {
  const require = createRequire(wrangler());
  return require("workerd").default;
}
