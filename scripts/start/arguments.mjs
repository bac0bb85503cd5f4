// What the arguments of a start say that we must know too; all others are wrangler's business.

import { commands, quoted } from "../lib/command.mjs";
import { Problem } from "../lib/say.mjs";

const PORT = 8787;
const PORT_MAX = 65_535;

/** The flags of "wrangler dev"; a test compares them with its help. */
export const FLAGS_OF_WRANGLER = [
  "alias",
  "assets",
  "compatibility-date",
  "compatibility-flag",
  "compatibility-flags",
  "config",
  "cwd",
  "define",
  "env",
  "env-file",
  "host",
  "https-cert-path",
  "https-key-path",
  "infer-origin-from-routes",
  "inspector-ip",
  "inspector-port",
  "install-skills",
  "ip",
  "jsx-factory",
  "jsx-fragment",
  "latest",
  "live-reload",
  "local",
  "local-protocol",
  "local-upstream",
  "log-level",
  "minify",
  "name",
  "no-bundle",
  "persist-to",
  "port",
  "profile",
  "remote",
  "route",
  "routes",
  "show-interactive-dev-session",
  "test-scheduled",
  "tsconfig",
  "tunnel",
  "tunnel-allowed-mail",
  "tunnel-name",
  "types",
  "upstream-protocol",
  "var",
];

/** `{ port, ip, https, rest }`: 0 takes a free port; `ip` may be undefined; `rest` has all arguments but the port. */
export function readArguments(args, env = process.env) {
  assertPassedOn(args, env);
  return {
    port: portOf(valuesOf("port", args).at(-1) ?? String(PORT)),
    ip: valuesOf("ip", args).at(-1),
    https: valuesOf("local-protocol", args).at(-1) === "https",
    rest: without("port", args),
  };
}

/** All values that a flag is given, as `--flag value` or `--flag=value`; the empty text where it has none. */
export function valuesOf(flag, args) {
  return args.flatMap((arg, at) => {
    if (arg === `--${flag}`) return [args[at + 1] ?? ""];
    return arg.startsWith(`--${flag}=`) ? [arg.slice(flag.length + 3)] : [];
  });
}

function without(flag, args) {
  return args.filter((arg, at) => arg !== `--${flag}` && args[at - 1] !== `--${flag}` && !arg.startsWith(`--${flag}=`));
}

function portOf(text) {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= PORT_MAX) return port;
  throw new Problem(
    `"${text}" is no port: it is a number up to ${PORT_MAX}, as in ${commands().startWith} --port 9000`,
  );
}

/**
 * npm takes flags that stand before a `--` for its own and hands on only their values: `npm start --port 9000` would
 * serve on another port, with "9000" as the script.
 */
function assertPassedOn(args, env) {
  const taken = FLAGS_OF_WRANGLER.filter((flag) => env[`npm_config_${flag.replaceAll("-", "_")}`]);
  const positional = args[0]?.startsWith("-") === false;
  if (taken.length > 0) {
    const flags = taken.map((flag) => {
      const value = env[`npm_config_${flag.replaceAll("-", "_")}`];
      return value === "true" ? `--${flag}` : `--${flag}=${value}`;
    });
    throw new Problem(
      `npm took ${flags.join(" ")} for itself. Write: ` +
        `${commands().startWith} ${[...flags, ...args].map(quoted).join(" ")}`,
    );
  }
  if (positional)
    throw new Problem(`"${args[0]}" is no flag. Flags look like this: ${commands().startWith} --port 9000`);
}
