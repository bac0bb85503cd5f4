// `export` and `import`: the journal of one workflow as lines of JSON, for a report, or another machine.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Problem, say } from "../lib/say.mjs";
import { uniqueKey } from "./config.mjs";
import { DataFolder } from "./data.mjs";
import { fileOf, readDatabase } from "./databases.mjs";
import { BusyProblem, ConfigurationProblem } from "./exit.mjs";
import { hasOrphans } from "./orphans.mjs";

const FORMAT = "orchestrator-workers/journal/1";
/** As src/api/id.rs has them. */
const ID = /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}$/;
const TENANT = /^[a-z0-9-]{1,32}$/;
/** As src/cloudflare/sql.rs has it. */
const CREATE =
  "CREATE TABLE IF NOT EXISTS event " +
  "(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL)";

/** The journal's text: a first line that says whose it is, then one per event. */
export async function exported(folder, tenant, id) {
  const data = new DataFolder(folder);
  data.assertOneNode();
  const file = databaseOf(data, tenant, id);
  const events = await eventsOf(file);
  if (events.length === 0) throw new Problem(`${tenant} has no workflow ${id} in ${path.resolve(folder)}`);
  return [{ format: FORMAT, tenant, id }, ...events].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Makes the workflow of an exported journal in the folder, which nobody may serve meanwhile. */
export async function imported(folder, text, tenant, version) {
  const [head, ...events] = linesOf(text);
  if (head?.format !== FORMAT)
    throw new ConfigurationProblem(`this is no exported journal: its first line has no format ${FORMAT}`);
  check(events);
  const data = new DataFolder(folder);
  data.open();
  data.take();
  try {
    data.fill(version);
    if (await hasOrphans(data.run))
      throw new BusyProblem(`a workerd still serves ${data.folder}, though what started it is gone: serve ends it`);
    const file = databaseOf(data, tenant ?? head.tenant, head.id);
    if ((await eventsOf(file)).length > 0)
      throw new ConfigurationProblem(`there is a workflow ${head.id} already: delete it first`);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    write(file, events);
  } finally {
    data.release();
  }
  say(`imported ${events.length} events of ${head.id}: it goes on, and is in the list, once it is asked for`);
}

function databaseOf(data, tenant, id) {
  if (typeof id !== "string" || !ID.test(id))
    throw new ConfigurationProblem(`${JSON.stringify(id)} is no id of a workflow`);
  if (typeof tenant !== "string" || !TENANT.test(tenant))
    throw new ConfigurationProblem(`${JSON.stringify(tenant)} is no name of API_TOKENS`);
  return path.join(data.objects, fileOf(uniqueKey("OrchestratorWorkflow"), `${tenant}/${id}`));
}

async function eventsOf(file) {
  const rows = await readDatabase(file, (database) => {
    const { there } = database.prepare("SELECT count(*) AS there FROM sqlite_master WHERE name = 'event'").get();
    return there ? database.prepare("SELECT seq, at, type, data FROM event ORDER BY seq").all() : [];
  });
  return (rows ?? []).map(({ data, ...row }) => ({ ...row, data: JSON.parse(String(data)) }));
}

function linesOf(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new ConfigurationProblem(`line ${index + 1} is no JSON: ${error.message}`);
    }
  });
}

/** The events are read by the Worker, which says what it can't understand of them. Here only the rows are. */
function check(events) {
  events.forEach((event, index) => {
    const { seq, at, type, data } = event ?? {};
    const whole = [seq, at].every(Number.isSafeInteger) && typeof type === "string" && data !== undefined;
    if (whole && seq === index + 1) return;
    throw new ConfigurationProblem(`line ${index + 2} is no event ${index + 1} with seq, at, type and data`);
  });
  if (events.length === 0) throw new ConfigurationProblem("the journal has no events");
}

function write(file, events) {
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA journal_mode = WAL; BEGIN; ${CREATE}`);
    const insert = database.prepare("INSERT INTO event (seq, at, type, data) VALUES (?, ?, ?, ?)");
    for (const { seq, at, type, data } of events) insert.run(seq, at, type, JSON.stringify(data));
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}
