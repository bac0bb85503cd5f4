// A file of variables that the reader names with --env-file.
//
// Node has an option of that name, and takes it wherever it stands behind the script: it ends with 9 where the file
// can't be read, and obeys a NODE_OPTIONS in it. Behind two dashes it takes nothing, so every way in begins with
// `node --`: the scripts of package.json, the first line of scripts/package/program.mjs, and what runs another Node.
// npx is a program of Node too, and needs dashes of the reader's.

import { readFileSync } from "node:fs";
import { ConfigurationProblem } from "../serve/exit.mjs";
import { isClone, npx } from "./command.mjs";

/** For the help of `command`: what to type so that the option is ours. Empty where the usual way will do. */
export function envFileNote(command, columns) {
  const [program, ...file] = isClone ? [] : npx().split(" ");
  if (program !== "npx") return "";
  return `\n${" ".repeat(columns)}(npx takes it for its own but in: npx -- ${file.join(" ")} ${command} ...)`;
}

export function readEnvFile(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationProblem(`--env-file ${file} can't be read: ${error.message}`);
  }
}
