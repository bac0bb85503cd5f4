// `export` and `import`: the journal of one workflow as lines of JSON, for a report, or another machine.

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Problem, say } from "../lib/say.mjs";
import { uniqueKey } from "./config.mjs";
import { DataFolder } from "./data.mjs";
import { fileOf, hasTable, readDatabase } from "./databases.mjs";
import { BusyProblem, ConfigurationProblem } from "./exit.mjs";
import { read, shown, written } from "./exported.mjs";
import { hasOrphans } from "./orphans.mjs";

/** As src/api/id.rs has them. */
const ID = /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}$/;
const TENANT = /^[a-z0-9-]{1,32}$/;
/** As src/cloudflare/sql.rs has them. */
const CREATE =
  "CREATE TABLE IF NOT EXISTS event " +
  "(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL)";
const TOMBSTONE = "tombstone/";

/** The journal's text. */
export async function exported(folder, tenant, id) {
  const data = new DataFolder(folder);
  data.assertOneNode();
  const rows = await rowsOf(workflowFile(data, nameOf(tenant, id)));
  if (rows.length === 0) throw new Problem(`${tenant} has no workflow ${id} in ${path.resolve(folder)}`);
  return written({ tenant, id }, rows.map(parsed));
}

/** Makes the workflow of an exported journal in the folder, which nobody may serve meanwhile. */
export async function imported(folder, text, given, version) {
  const { head, events } = read(text);
  const { id } = head;
  const tenant = given ?? head.tenant;
  const [queued, ...later] = events;
  const { spec } = queued.data;
  const name = nameOf(tenant, id);
  // The name of the object comes from the first line, and what the Worker knows of the workflow from the first event.
  if (id !== spec.id || (given === undefined && tenant !== spec.tenant))
    throw new ConfigurationProblem(
      `the first line says ${name}, and the first event ${shown(`${spec.tenant}/${spec.id}`)}: the file was changed`,
    );
  const data = new DataFolder(folder);
  data.open();
  data.take();
  try {
    data.fill(version);
    if (await hasOrphans(data.run))
      throw new BusyProblem(`a workerd still serves ${data.folder}, though what started it is gone: serve ends it`);
    const file = workflowFile(data, name);
    // Nobody makes a file anew meanwhile, so none is waited for.
    if (existsSync(file) && (await rowsOf(file)).length > 0)
      throw new ConfigurationProblem(`there is a workflow ${id} already: delete it first`);
    const nonce = (await isSpent(data, tenant, file, spec.nonce)) ? randomBytes(16).toString("hex") : spec.nonce;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    // It is of the tenant under whose name it lies: the Worker tells this one's list of it.
    const own = { ...queued, data: { ...queued.data, spec: { ...spec, tenant, nonce } } };
    write(file, [own, ...later]);
  } finally {
    data.release();
  }
  say(
    `imported ${events.length} events of ${id} for ${tenant}. Nobody has replayed them yet: GET /workflows/${id} ` +
      "says whether they can be, and from then on it goes on. It is then in the list too, unless that knows a " +
      `younger workflow ${id}`,
  );
}

/**
 * Whether this folder knows the life of the journal already: it was deleted here, or its file is gone. The list takes
 * no such life in again, or believes to know it better (src/tenant.rs), and a client may go on from an event of it that
 * is now another. So the import begins a new life. Elsewhere it stays the same one, because workflows that follow it up
 * name it. Of a younger workflow of this id whose file is gone the list goes on telling.
 */
async function isSpent(data, tenant, file, life) {
  const ofFile = (database) =>
    hasTable(database, "_cf_KV") &&
    database.prepare("SELECT 1 FROM _cf_KV WHERE key = ?").get(TOMBSTONE + life) !== undefined;
  const ofList = (database) =>
    ["grave", "entry"].some(
      (table) =>
        hasTable(database, table) && database.prepare(`SELECT 1 FROM ${table} WHERE life = ?`).get(life) !== undefined,
    );
  const list = path.join(data.objects, fileOf(uniqueKey("OrchestratorTenant"), tenant));
  const says = async (file, read) => existsSync(file) && (await readDatabase(file, read));
  return (await says(file, ofFile)) || (await says(list, ofList));
}

/** The name of the workflow's object. */
function nameOf(tenant, id) {
  if (typeof id !== "string" || !ID.test(id)) throw new ConfigurationProblem(`${shown(id)} is no id of a workflow`);
  if (typeof tenant !== "string" || !TENANT.test(tenant))
    throw new ConfigurationProblem(`${shown(tenant)} is no name of API_TOKENS`);
  return `${tenant}/${id}`;
}

const workflowFile = (data, name) => path.join(data.objects, fileOf(uniqueKey("OrchestratorWorkflow"), name));

async function rowsOf(file) {
  const rows = await readDatabase(file, (database) =>
    hasTable(database, "event") ? database.prepare("SELECT seq, at, type, data FROM event ORDER BY seq").all() : [],
  );
  return rows ?? [];
}

function parsed({ data, ...row }) {
  try {
    return { ...row, data: JSON.parse(String(data)) };
  } catch (error) {
    throw new Problem(`event ${row.seq} is no JSON, so the journal can't be exported: ${error.message}`);
  }
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
