// Whether others could reach the server, who could then spend its owner's money: the `development` environment asks no
// token of anybody while it has none.

import { existsSync, readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { Problem } from "../lib/say.mjs";
import { devVars, fromShell, valueIn } from "../lib/variables.mjs";
import { valuesOf } from "./arguments.mjs";

const TOKENS = "API_TOKENS";

const LOOPBACK = new net.BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** A `Problem` where others could reach the server, and it has no tokens. */
export function assertClosed(args, environment, folder, env = process.env) {
  const opening = opensTo(args);
  if (opening === null || hasTokens(args, environment, folder, env)) return;
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

/** From everywhere that the Worker gets its variables from. */
function hasTokens(args, environment, folder, env) {
  if (env[TOKENS]) return true;
  if (valuesOf("var", args).some((value) => value.startsWith(`${TOKENS}:`) && value.length > TOKENS.length + 1))
    return true;
  const files = valuesOf("env-file", args).map((name) => path.resolve(folder, name));
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
  // A reader's own --env-file switches .dev.vars off, unless we hand both over with the shell's variables.
  if (files.length === 0 || fromShell(env).length > 0) texts.push(devVars(environment, folder));
  return texts.some((text) => valueIn(text, TOKENS) !== "");
}
