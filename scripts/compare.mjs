// `npm run compare -- "..."`: one request, answered by one call and by the product; which one would you send? Needs
// Node 18 and nothing else.

import { compare } from "./compare/index.mjs";

process.exitCode = await compare(process.argv.slice(2));
