// What wrangler says: who is logged in, and which secrets the deployment has. Never what is in them.

import { environmentFlag } from "../lib/wrangler.mjs";
import { mend, note, ok } from "./result.mjs";

/** `wrangler`: as `wranglerIn` makes it. `shown(line)`: a command of wrangler as the reader types it. */
export async function cloudflare({ wrangler, shown, deployWith, environment }) {
  const { code, stdout } = await wrangler.read(["whoami", "--json"]);
  const who = jsonIn(stdout);
  if (code !== 0 || !who?.loggedIn)
    return [note("Cloudflare", "not logged in, which only a deploy needs", shown("login"))];
  const accounts = (who.accounts ?? []).map(({ name }) => name);
  if (accounts.length === 0)
    return [mend("Cloudflare", "logged in, but without an account", "make one at https://dash.cloudflare.com")];
  const login = ok("Cloudflare", `logged in${who.email ? ` as ${who.email}` : ""}: ${accounts.join(", ")}`);
  return [login, ...(await secrets({ wrangler, shown, deployWith, environment }))];
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
