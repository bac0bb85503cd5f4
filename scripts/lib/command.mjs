// What the reader types to call us, for the messages that name a command: npm in a clone, npx with the package
// (scripts/package.mjs).

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { inRoot, root } from "./paths.mjs";

/** False in the package, which has no source to build from. */
export const isClone = existsSync(inRoot("Cargo.toml"));

/** The program of the package as the reader called it, such as `npx ./orchestrator-workers-0.1.0.tgz`. */
export const npx = () => packageCommand(root, process.cwd());

export const commands = () =>
  isClone
    ? {
        start: "npm start",
        startWith: "npm start --",
        serve: "npm run serve",
        run: (line) => `npm run ${line.replace(" ", " -- ")}`,
        // For those whose output is kept: npm would print lines of its own before it.
        quietRun: (line) => `npm run --silent ${line.replace(" ", " -- ")}`,
        ask: "npm run ask --",
        quietAsk: "npm run --silent ask --",
        compare: "npm run compare --",
        quietCompare: "npm run --silent compare --",
      }
    : {
        start: npx(),
        startWith: npx(),
        serve: `${npx()} serve`,
        run: (line) => `${npx()} ${line}`,
        quietRun: (line) => `${npx()} ${line}`,
        ask: `${npx()} ask`,
        quietAsk: `${npx()} ask`,
        compare: `${npx()} compare`,
        quietCompare: `${npx()} compare`,
      };

/**
 * npx installs into a folder whose package.json says what it was given; a file by its path from there. Anywhere else,
 * the package was installed for good.
 */
export function packageCommand(folder, current) {
  const { name } = manifest(folder);
  const modules = path.dirname(folder);
  const installed = path.dirname(modules);
  if (path.basename(modules) !== "node_modules" || path.basename(path.dirname(installed)) !== "_npx") return name;
  const spec = manifest(installed).dependencies?.[name] ?? name;
  if (!spec.startsWith("file:")) return `npx ${spec}`;
  // Relative even where it lies elsewhere: an absolute path npx would run as a program.
  const file = path.relative(current, path.resolve(installed, spec.slice("file:".length)));
  return `npx ${quoted(file.startsWith("../") ? file : `./${file}`)}`;
}

function manifest(folder) {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
}

/** The reader's own command once more, with all its arguments. */
export const typedWith = (command, args) => commands().run([command, ...args.map(quoted)].join(" "));

/** A word of a command that somebody copies to a shell: every path and every name that others chose is one. */
export const quoted = (word) => (/^[\w.:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
