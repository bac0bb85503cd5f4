// A file of variables that the reader names with --env-file.
//
// Node has an option of that name, and takes it wherever it stands behind the script: it ends with 9 where the file
// can't be read, and obeys a NODE_OPTIONS in it. Behind two dashes it takes nothing, so what we write begins with
// `node --`: the scripts of package.json, the image, the unit of systemd, and what runs another Node. The package's
// program by itself can't (its first lines say why), and neither can npx: the help says so.

import { readFileSync } from "node:fs";
import { ConfigurationProblem } from "../serve/exit.mjs";
import { isClone } from "./command.mjs";

/** For the help of `command`: what to type so that the option is ours. Empty where the usual way will do. */
export function envFileNote(command, columns, hasSource = isClone) {
  if (hasSource) return "";
  const lines = [
    "(Node reads it too, and ends with 9 where it can't, but in:",
    ` node -- PATH/TO/orchestrator-workers ${command} ...)`,
  ];
  return lines.map((line) => `\n${" ".repeat(columns)}${line}`).join("");
}

export function readEnvFile(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationProblem(`--env-file ${file} can't be read: ${error.message}`);
  }
}
