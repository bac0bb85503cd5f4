// Whether others could reach the server, who could then spend its owner's money: the `development` environment asks no
// token of anybody while it has none.

import net from "node:net";
import { Problem } from "../lib/say.mjs";
import { valuesOf } from "./arguments.mjs";
import { variablesOf } from "./variables.mjs";

const TOKENS = "API_TOKENS";

const LOOPBACK = new net.BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** A `Problem` where others could reach the server, and it has no tokens. */
export function assertClosed(args, environment, folder, env = process.env) {
  const opening = opensTo(args);
  if (opening === null || variablesOf(args, environment, folder, env).given[TOKENS]) return;
  throw new Problem(
    `with ${opening} others can reach the server, and anybody could use it, because it has no tokens. Give it one, ` +
      `which clients then send without its "me:": echo "${TOKENS}=me:$(openssl rand -hex 32)" >> .dev.vars`,
  );
}

/** The argument with which others can reach it, or null. */
function opensTo(args) {
  const ip = valuesOf("ip", args).find((value) => !isLoopback(value));
  if (ip !== undefined) return `--ip ${ip}`;
  // Cloudflare's address for a server on this machine. `--tunnel=false` is the default.
  return args.find((arg) => /^--tunnel(-name)?(=(?!false$)|$)/.test(arg)) ?? null;
}

/** What is no address at all, such as "*" or "127.1", is taken for one that others can reach. */
export function isLoopback(host) {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (bare.toLowerCase() === "localhost") return true;
  const version = net.isIP(bare);
  return version !== 0 && LOOPBACK.check(bare, version === 4 ? "ipv4" : "ipv6");
}
