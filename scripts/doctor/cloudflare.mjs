// What wrangler says: who is logged in, and which secrets and bindings the deployment has. Never what is in them.

import { readFileSync } from "node:fs";
import { inRoot } from "../lib/paths.mjs";
import { environmentFlag } from "../lib/wrangler.mjs";
import { mend, note, ok } from "./result.mjs";

/** `wrangler`: as `wranglerIn` makes it. `shown(line)`: a command of wrangler as the reader types it. */
export async function cloudflare({ wrangler, shown, deployWith, environment }) {
  const { code, stdout } = await wrangler.read(["whoami", "--json"]);
  const who = jsonIn(stdout);
  if (code !== 0 || !who?.loggedIn)
    return [
      note("Cloudflare", "not logged in, which only a deploy needs", shown("login")),
      note("bindings", `not seen there; a deploy of ${environment} makes ${wantedBindings(environment).join(", ")}`),
    ];
  const accounts = (who.accounts ?? []).map(({ name }) => name);
  if (accounts.length === 0)
    return [mend("Cloudflare", "logged in, but without an account", "make one at https://dash.cloudflare.com")];
  const login = ok("Cloudflare", `logged in${who.email ? ` as ${who.email}` : ""}: ${accounts.join(", ")}`);
  const found = await secrets({ wrangler, shown, deployWith, environment });
  // What is not deployed has none.
  if (found.some(({ name }) => name === "deployment")) return [login, ...found];
  return [login, ...found, await bindings({ wrangler, deployWith, environment })];
}

/** Those of the version that answers, against those of wrangler.toml. */
async function bindings({ wrangler, deployWith, environment }) {
  const flag = environmentFlag(environment);
  const status = await wrangler.read(["deployments", "status", flag, "--json"]);
  const id = jsonIn(status.stdout)?.versions?.[0]?.version_id;
  const view = id ? await wrangler.read(["versions", "view", id, flag, "--json"]) : status;
  const list = id ? jsonIn(view.stdout)?.resources?.bindings : null;
  if (!Array.isArray(list))
    return note("bindings", `can't be seen: ${(view.stderr || view.stdout).trim().split("\n")[0]}`);
  const names = list.map(({ name }) => name);
  const wanted = wantedBindings(environment);
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length === 0) return ok("bindings", `${wanted.join(", ")} (${environment})`);
  return mend("bindings", `${environment} has no ${missing.join(", ")}`, deployWith);
}

/** The names of what wrangler.toml binds in an environment, beside variables. */
export function wantedBindings(environment, toml = readFileSync(inRoot("wrangler.toml"), "utf8")) {
  const prefix = environment === "production" ? "" : `env.${environment}.`;
  // Environments inherit the files, and nothing else.
  const headers = [`${prefix}ai`, `${prefix}durable_objects.bindings`, "assets"];
  let header = "";
  return toml.split("\n").flatMap((line) => {
    header = /^\[+([\w.]+)\]+$/.exec(line)?.[1] ?? header;
    const name = /^(?:binding|name) = "(\w+)"$/.exec(line)?.[1];
    return name && headers.includes(header) ? [name] : [];
  });
}

async function secrets({ wrangler, shown, deployWith, environment }) {
  const flag = environmentFlag(environment);
  const { code, stdout, stderr } = await wrangler.read(["secret", "list", flag, "--format=json"]);
  const list = jsonIn(stdout);
  if (code !== 0 || !Array.isArray(list)) {
    if (/not found/i.test(stdout + stderr)) return [note("deployment", `${environment} is not deployed`, deployWith)];
    return [note("secrets", `can't be listed: ${(stderr || stdout).trim().split("\n")[0]}`)];
  }
  const names = list.map(({ name }) => name);
  if (names.includes("API_TOKENS")) return [ok("secrets", `${names.join(", ")} (${environment})`)];
  const put = shown(`secret put API_TOKENS ${flag.replace(/=$/, '=""')}`);
  return [
    mend("secrets", `${environment} has no API_TOKENS, so it is closed`, `echo "me:$(openssl rand -hex 32)" | ${put}`),
  ];
}

/** The JSON in what wrangler prints, which may begin with a notice. */
function jsonIn(text) {
  const start = text.search(/^[[{]/m);
  try {
    return start < 0 ? null : JSON.parse(text.slice(start));
  } catch {
    return null;
  }
}
