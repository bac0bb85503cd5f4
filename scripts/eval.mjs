// `npm run eval`: requests through several arms, compared by a judge. docs/eval.md tells the rest.

import { existsSync } from "node:fs";
import { inRoot } from "./lib/paths.mjs";
import { main, Problem } from "./lib/say.mjs";

await main(async () => {
  if (!existsSync(inRoot("node_modules/ajv")))
    throw new Problem("the npm packages are missing: npm run build sets them up");
  const { evaluate } = await import("./eval/index.mjs");
  return evaluate(process.argv.slice(2));
});
