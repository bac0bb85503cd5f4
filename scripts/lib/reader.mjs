// Where the reader stands. npm runs a script in the project's folder, from wherever it was called, and says in INIT_CWD
// where that was: what a relative path of the reader is meant from.

import { realpathSync } from "node:fs";
import path from "node:path";
import { isClone } from "./command.mjs";
import { root } from "./paths.mjs";

/** Flags of wrangler that take a path. */
const PATH_FLAGS = [
  "assets",
  "config",
  "cwd",
  "env-file",
  "https-cert-path",
  "https-key-path",
  "outdir",
  "persist-to",
  "tsconfig",
];

/** A path as the reader means it. */
export const fromReader = (file, ...about) => path.resolve(readersFolder(...about), file);

/** The same for each path among the arguments that go to wrangler, which runs in the project's folder. */
export function argumentsFromReader(args, ...about) {
  if (readersFolder(...about) === root) return args;
  return args.map((arg, at) => {
    const [name, ...value] = arg.startsWith("--") ? arg.slice(2).split("=") : [""];
    if (PATH_FLAGS.includes(name) && value.length > 0) return `--${name}=${fromReader(value.join("="), ...about)}`;
    const isValue = PATH_FLAGS.some((flag) => args[at - 1] === `--${flag}`);
    return isValue && !arg.startsWith("-") ? fromReader(arg, ...about) : arg;
  });
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
