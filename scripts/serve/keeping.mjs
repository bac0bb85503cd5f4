// The command lines of backup, restore, export and import.

import { readFileSync } from "node:fs";
import path from "node:path";
import { commands } from "../lib/command.mjs";
import { parse } from "../lib/options.mjs";
import { fromReader } from "../lib/reader.mjs";
import { backup, restore } from "./backup.mjs";
import { ConfigurationProblem, worded } from "./exit.mjs";
import { exported, imported } from "./journal.mjs";
import { DEFAULTS } from "./options.mjs";
import { assertUsable } from "./usable.mjs";

const OPTIONS = /** @type {const} */ ({
  data: { type: "string" },
  tenant: { type: "string" },
  help: { type: "boolean", short: "h" },
});
/** SQLITE_READONLY, SQLITE_IOERR and SQLITE_FULL. */
const CANT_WRITE = [8, 10, 13];
const USAGE = {
  backup: `backup DIR [--data DIR]

Copies what serve keeps to the new folder DIR, also while it is served. Its token, prompts and answers are in it.`,
  restore: `restore DIR [--data DIR]

Copies the backup DIR to a new folder, which serve then serves.`,
  export: `export ID [--tenant NAME] [--data DIR] > FILE

Prints the journal of the workflow as lines of JSON. NAME is that of its token in API_TOKENS; me unless given.`,
  import: `import FILE [--tenant NAME] [--data DIR]

Makes the workflow of an exported journal; - reads the standard input. The folder must not be served meanwhile. It is
of NAME from then on; of the one that it was exported of unless given.`,
};

/** Resolves to the exit status. */
export async function keep(name, args, version) {
  const { values, positionals } = parsed(name, args);
  if (values.help) {
    const { run, quietRun } = commands();
    const usage = (name === "export" ? quietRun : run)(USAGE[name]);
    process.stdout.write(`Usage: ${usage}\n\n  --data DIR   ${DEFAULTS.data} unless given\n`);
    return 0;
  }
  if (positionals.length !== 1) throw new ConfigurationProblem(`${name} takes one argument. ${helpOf(name)}`);
  const [given] = positionals;
  const argument = name === "export" || given === "-" ? given : fromReader(given);
  const { tenant } = values;
  const data = fromReader(values.data ?? DEFAULTS.data);
  // What is read from. A command that writes looks by itself.
  if (name !== "import") assertUsable(name === "restore" ? argument : data, { isWritten: false });
  if (name === "backup") await copied(data, argument, () => backup(data, argument));
  if (name === "restore") await copied(argument, data, () => restore(data, argument));
  if (name === "export") process.stdout.write(await exported(data, tenant ?? "me", argument));
  if (name === "import") await imported(data, read(argument), tenant, version);
  return 0;
}

/** A copy of one folder to another. */
async function copied(source, target, copy) {
  try {
    await copy();
  } catch (error) {
    // SQLite names no file: what it can't write is the copy's.
    throw worded(error, path.resolve(CANT_WRITE.includes(error.errcode & 0xff) ? target : source));
  }
}

function parsed(name, args) {
  try {
    return parse({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new ConfigurationProblem(`${error.message}. ${helpOf(name)}`);
  }
}

const helpOf = (name) => `Its options: ${commands().run(`${name} --help`)}`;

function read(file) {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new ConfigurationProblem(`${file} can't be read: ${error.message}`);
  }
}
