// The command line of `doctor`.

import { commands } from "../lib/command.mjs";
import { envFileNote } from "../lib/env-file.mjs";
import { parse } from "../lib/options.mjs";
import { fromReader } from "../lib/reader.mjs";
import { Problem } from "../lib/say.mjs";
import { hasUser, shownUrl, typedUrl } from "../lib/urls.mjs";
import { ENVIRONMENTS } from "../lib/wrangler.mjs";

export const DEFAULT_DATA = "orchestrator-data";
const OPTIONS = /** @type {const} */ ({
  data: { type: "string" },
  "env-file": { type: "string" },
  environment: { type: "string" },
  token: { type: "string" },
  yes: { type: "boolean", short: "y" },
  help: { type: "boolean", short: "h" },
});

/** Null where only the help is wanted. */
export function readOptions(args, env = process.env) {
  const { values, positionals } = parsed(args);
  if (values.help) return null;
  const environment = String(values.environment ?? "production");
  if (!ENVIRONMENTS.includes(environment))
    throw new Problem(`there is no environment ${environment}, only ${ENVIRONMENTS.join(", ")}`);
  if (positionals.length > 1)
    throw new Problem(`doctor takes one URL. Its options: ${commands().run("doctor --help")}`);
  return {
    url: positionals.length === 1 ? urlOf(String(positionals[0])) : null,
    data: fromReader(values.data ?? DEFAULT_DATA),
    isDataNamed: values.data !== undefined,
    envFile: values["env-file"] === undefined ? undefined : fromReader(values["env-file"]),
    environment,
    token: values.token ?? (env.ORCHESTRATOR_TOKEN || null),
    yes: values.yes ?? false,
  };
}

function parsed(args) {
  try {
    return parse({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new Problem(`${error.message}. The options: ${commands().run("doctor --help")}`);
  }
}

function urlOf(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Problem(`${typedUrl(text)} is no http or https URL`);
  if (hasUser(text)) throw new Problem(`${shownUrl(text)} can't be asked with a user or a password in its URL`);
  return url.href.replace(/\/+$/, "");
}

export function help() {
  const note = envFileNote("doctor", 23);
  return `Usage: ${commands().run("doctor [URL]")}

Says what is set up, what is missing, and which command mends it. With the URL of a server it looks at that too. Secrets
are never shown. Variables are read as serve does where its data folder is there or --data names one, and else, as
those of .dev.vars always are, as on Cloudflare.

  --data DIR           the data folder of serve; ${DEFAULT_DATA} unless given
  --env-file FILE      variables, one NAME=VALUE a line, such as .dev.vars; those of the shell come first${note}
  --environment NAME   the deployment whose secrets are looked at: ${ENVIRONMENTS.join(", ")}
  --token TOKEN        the token for the URL (ORCHESTRATOR_TOKEN)
  --yes                try each model, and a request, without asking: some hundred tokens in all
  --help

Exit status: 0 where all is well, 1 where something is to be mended.
`;
}
