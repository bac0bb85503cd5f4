// `npm run ask -- "..."`: submits a prompt, shows the subtasks while they run, prints the answer. Needs Node 18 and
// nothing else.

import { ask } from "./ask/index.mjs";

process.exitCode = await ask(process.argv.slice(2));
