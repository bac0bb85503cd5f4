// The Worker's variables of a start, as far as we must know them too.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../lib/paths.mjs";
import { devVars, fromShell, namesIn, valueIn } from "../lib/variables.mjs";
import { valuesOf } from "./arguments.mjs";

/**
 * Those that are set by the reader, `given`, and `all`, which are those of wrangler.toml too. The reader gives them in
 * the shell, in .dev.vars, in files of --env-file and with --var. `folder`: that of .dev.vars.
 */
export function variablesOf(args, environment, folder, env = process.env) {
  const shell = fromShell(env).map((name) => [name, env[name]]);
  const files = valuesOf("env-file", args).map((name) => path.resolve(folder, name));
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
  // A reader's own --env-file switches .dev.vars off, unless we hand both over with the shell's variables.
  if (files.length === 0 || shell.length > 0) texts.unshift(devVars(environment, folder));
  const flags = valuesOf("var", args).map((text) => {
    const [name, ...value] = text.split(":");
    return [name, value.join(":")];
  });
  const given = Object.fromEntries([...texts.flatMap(entriesIn), ...shell, ...flags].filter(([, value]) => value));
  return { given, all: { ...Object.fromEntries(entriesIn(ofToml(environment))), ...given } };
}

const entriesIn = (text) => namesIn(text).map((name) => [name, valueIn(text, name)]);

/** The lines of an environment's variables in wrangler.toml. */
function ofToml(environment) {
  const toml = readFileSync(inRoot("wrangler.toml"), "utf8");
  return toml.split(`[env.${environment}.vars]\n`)[1]?.split(/^\[/m)[0] ?? "";
}
