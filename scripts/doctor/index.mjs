// `doctor`: looks at everything in turn, says what it finds, and ends with 1 where something is to be mended.

import path from "node:path";
import { isClone } from "../lib/command.mjs";
import { atLeast, run } from "../lib/exec.mjs";
import { replyTo } from "../lib/question.mjs";
import { shownUrl } from "../lib/urls.mjs";
import { quietAboutSqlite } from "../lib/warnings.mjs";
import { nodeFolder } from "../setup/node.mjs";
import { help, readOptions } from "./options.mjs";
import { shown, summary } from "./result.mjs";

/** The first with all that the checks use. */
const NODE_MIN = "22.16.0";

/**
 * Resolves to the exit status. `wrangler()` resolves to its commands, as `wranglerIn` makes them; `words`: commands as
 * the reader types them, `{ wrangler(line), deploy, install }`. `terminal`: `{ input, output, isInteractive }`.
 */
export async function doctor(args, { wrangler, words, terminal = ownTerminal(), env = process.env, print = onStdout }) {
  const options = readOptions(args, env);
  if (options === null) {
    print(help());
    return 0;
  }
  if (!atLeast(process.versions.node, NODE_MIN)) return again();
  quietAboutSqlite();
  const { variablesFor } = await import("../serve/variables.mjs");
  const variables = variablesFor(options.envFile, env);
  const results = [];
  const tell = (heading, found) => {
    const lines = found.map(shown).join("\n");
    print(`${heading}\n${lines}\n\n`);
    results.push(...found);
  };
  // Only under a Node that has all that they import.
  const [machine, { dataFolder }, { cloudflare }, models, server, { Web }, { areOfServe, variablesAre }] =
    await Promise.all([
      import("./machine.mjs"),
      import("./data.mjs"),
      import("./cloudflare.mjs"),
      import("./models.mjs"),
      import("./server.mjs"),
      import("./web.mjs"),
      import("./variables.mjs"),
    ]);
  const web = new Web();
  const agrees = (question) => options.yes || asked(question, terminal);

  const own = [machine.node(), ...(await machine.rust()), await machine.runtime(words.install)];
  tell("This machine", [...own, ...dataFolder(options.data, options.isDataNamed)]);

  const { results: said, told } = await variablesAre(variables, {
    install: words.install,
    isForServe: areOfServe(options),
  });
  const { results: found, calls } = await models.models(variables, web, told);
  tell("Models", [...said, ...found]);
  if (calls.length > 0 && (await agrees(models.questionFor(calls)))) {
    const tried = [];
    for (const one of calls) tried.push(await models.call(one, web));
    tell("Calls", tried);
  }

  // Without its packages there is no wrangler, which was said above.
  const commands = await wrangler();
  if (commands) {
    const { environment } = options;
    const { wrangler: line, deploy } = words;
    tell("Cloudflare", await cloudflare({ wrangler: commands, shown: line, deployWith: deploy, environment }));
  }

  if (options.url !== null) {
    const { results: there, isFree, works } = await server.server(options.url, options.token, web);
    tell(shownUrl(options.url), there);
    if (works && (isFree || (await agrees(server.QUESTION))))
      tell("A request", await server.request(options.url, options.token, web));
  }

  tell("Time", [machine.clock(web)]);
  print(`${summary(results)}\n`);
  return results.some(({ state }) => state === "mend") ? 1 : 0;
}

async function asked(question, { input, output, isInteractive }) {
  if (!isInteractive) return false;
  return /^\s*y(es)?\s*$/i.test((await replyTo(question, { input, output })) ?? "");
}

/** The same under a Node that is new enough. */
async function again() {
  const folder = await nodeFolder(NODE_MIN);
  const env = { ...process.env, PATH: [folder, process.env.PATH].join(path.delimiter) };
  return run(path.join(folder, "node"), ["--", ...process.argv.slice(1)], { env, cwd: process.cwd() });
}

const onStdout = (text) => process.stdout.write(text);

const ownTerminal = () => ({
  input: process.stdin,
  output: process.stderr,
  isInteractive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
});

/** What installs workerd and wrangler. */
export const INSTALL = isClone ? "npm run build" : "install the package again";
