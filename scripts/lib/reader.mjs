// Where the reader stands. npm runs a script in the project's folder, from wherever it was called, and says in INIT_CWD
// where that was: what a relative path of the reader is meant from.

import { realpathSync } from "node:fs";
import path from "node:path";
import { isClone } from "./command.mjs";
import { root } from "./paths.mjs";

/** Flags of "wrangler dev" and "wrangler deploy" that take a path; a test compares them with their help. */
export const PATH_FLAGS = [
  "assets",
  "config",
  "cwd",
  "env-file",
  "https-cert-path",
  "https-key-path",
  "metafile",
  "outdir",
  "outfile",
  "persist-to",
  "secrets-file",
  "tsconfig",
];
/** The one of them that has a short form, and the one that takes all words up to the next flag. */
const [SHORT, SEVERAL] = [{ c: "config" }, "env-file"];

/** A path as the reader means it. */
export const fromReader = (file, ...about) => path.resolve(readersFolder(...about), file);

/** The same for each path among the arguments that go to wrangler, which runs in the project's folder. */
export function argumentsFromReader(args, ...about) {
  if (readersFolder(...about) === root) return args;
  let flag = null;
  return args.map((arg) => {
    if (!arg.startsWith("-")) {
      const meant = flag === null ? arg : fromReader(arg, ...about);
      if (flag !== SEVERAL) flag = null;
      return meant;
    }
    const { name, before, value } = flagIn(arg);
    const isPath = PATH_FLAGS.includes(name);
    flag = isPath && value === "" ? name : null;
    return isPath && value !== "" ? `${before}${fromReader(value, ...about)}` : arg;
  });
}

/** wrangler takes `--env-file x`, `--env-file=x` and `--envFile`, and the short ones as `-c x`, `-c=x` and `-cx`. */
function flagIn(arg) {
  const [, before, name, value] = /^(--([^=]+)=?)(.*)$/s.exec(arg) ??
    /^(-([^-])=?)(.*)$/s.exec(arg) ?? ["", arg, "", ""];
  const long = name.length === 1 ? SHORT[name] : name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { name: long, before, value };
}

/** What npm says holds only for the script that it runs: what that starts may have another folder. */
export function readersFolder(script = process.argv[1] ?? "", current = process.cwd(), env = process.env) {
  const { INIT_CWD: folder, npm_lifecycle_script: command = "", npm_package_json: manifest } = env;
  const isOurs =
    isClone && current === root && command.split(/\s/).includes(path.relative(root, script)) && isProject(manifest);
  return folder && isOurs ? folder : current;
}

function isProject(manifest) {
  try {
    return realpathSync(path.dirname(manifest)) === root;
  } catch {
    return false;
  }
}
