// The text of an exported journal, and what `import` makes of it in a folder.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, mock, test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { fileOf } from "../../scripts/serve/databases.mjs";
import { EVENT_BYTES_MAX, EVENT_TYPES, NEEDED, read, SCHEMA_VERSION, written } from "../../scripts/serve/exported.mjs";
import { exported, imported } from "../../scripts/serve/journal.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "orchestrator-journal-"));
const in_ = (...parts) => path.join(folder, ...parts);
after(() => rmSync(folder, { recursive: true, force: true }));

const filled = (names) => Object.fromEntries(names.map((name) => [name, 1]));
const SPEC = {
  ...filled(NEEDED.spec),
  id: "w1",
  tenant: "me",
  nonce: "first-life",
  options: filled(NEEDED.options),
  policy: filled(NEEDED.policy),
  big_models: [{}],
  small_models: [{}],
};
const EVENTS = [
  { seq: 1, at: 1, type: "workflow_queued", data: { spec: SPEC, v: 2 } },
  { seq: 2, at: 2, type: "workflow_started", data: { v: 1 } },
  { seq: 3, at: 3, type: "workflow_paused", data: {} },
];
const WHOLE = written({ tenant: "me", id: "w1" }, EVENTS);

test("the words and the version are those of the Worker, and what is needed is what has no default there", () => {
  const events = readFileSync(inRoot("src/engine/words/event.rs"), "utf8");
  const [, types] = /EVENT_TYPES: \[&str; \d+\] = \[(.*?)\];/s.exec(events);
  assert.deepEqual(
    EVENT_TYPES,
    [...types.matchAll(/"(\w+)"/g)].map(([, type]) => type),
  );
  assert.equal(SCHEMA_VERSION, Number(/SCHEMA_VERSION: u32 = (\d+);/.exec(events)[1]));
  const spec = readFileSync(inRoot("src/engine/words/spec.rs"), "utf8");
  for (const [part, struct] of [
    ["spec", "WorkflowSpec"],
    ["options", "Options"],
    ["policy", "Policy"],
  ]) {
    const [, body] = new RegExp(`pub struct ${struct} \\{\\n(.*?)\\n\\}`, "s").exec(spec);
    const fields = [...body.matchAll(/((?:^ +(?:#|\/\/).*\n)*)^ +pub (\w+): (.*),$/gm)];
    const needed = fields.filter(([, above, , type]) => !/serde\(default/.test(above) && !type.startsWith("Option<"));
    assert.deepEqual(
      NEEDED[part],
      needed.map(([, , name]) => name),
    );
  }
});

test("a journal is read as it was written, also by builds without a count, and refused below the lines of npm", () => {
  const { head, events } = read(WHOLE);
  assert.deepEqual([head.tenant, head.id, head.events, events], ["me", "w1", 3, EVENTS]);
  const banner = "\n> orchestrator-workers@0.2.0 export\n> node scripts/serve.mjs export w1\n\n";
  assert.throws(() => read(banner + WHOLE), { exitStatus: 78, message: /^line 2 is one of npm: .*npm run --silent,/ });
  assert.deepEqual(read(`\n\n${WHOLE}`).events, EVENTS);
  assert.deepEqual(read(WHOLE.replace(',"events":3', "")).events, EVENTS);
});

test("in a clone the help and the guide give export without the lines of npm", () => {
  const help = spawnSync(process.execPath, [inRoot("scripts/serve.mjs"), "export", "--help"], { encoding: "utf8" });
  assert.match(help.stdout, /^Usage: npm run --silent export -- ID .*> FILE\n/);
  const guide = readFileSync(inRoot("docs/self-hosting.md"), "utf8");
  assert.match(guide, /`npm run --silent export -- ID > FILE`/);
});

test("what is not whole, or could neither be read nor deleted, is refused with its line", () => {
  const changed = (index, change) => {
    const events = structuredClone(EVENTS);
    change(events[index]);
    return written({ tenant: "me", id: "w1" }, events);
  };
  const lines = WHOLE.trimEnd().split("\n");
  for (const [text, words] of [
    ["", /no exported journal/],
    [lines.slice(0, 3).join("\n"), /the first line says 3 events, and 2 follow/],
    [`${WHOLE}${JSON.stringify({ ...EVENTS[2], seq: 4 })}`, /says 3 events, and 4 follow/],
    [lines[0], /has no events/],
    [`${lines[0]}\nnull\n`, /line 2 is no event 1/],
    [`\n\n${lines[0]}\n{`, /line 4 is no JSON/],
    [changed(1, (event) => (event.type = "x")), /line 3 has an event .* does not know \("x"\): import it with/],
    [changed(1, (event) => (event.data.v = 3)), /line 3 has an event .* does not know \("workflow_started"\)/],
    [changed(1, (event) => (event.data.v = "two")), /line 3 has a version v that is no number/],
    [changed(1, (event) => (event.seq = 3)), /line 3 is no event 2/],
    [changed(1, (event) => (event.at = -1)), /line 3 is no event 2/],
    [changed(1, (event) => (event.data = [])), /line 3 is no event 2/],
    [changed(1, (event) => (event.data.text = "x".repeat(EVENT_BYTES_MAX))), /line 3 has \d+ bytes of data/],
    [changed(1, (event) => (event.type = "workflow_queued")), /line 3 is "workflow_queued": a journal begins/],
    [changed(0, (event) => (event.type = "workflow_started")), /line 2 is "workflow_started": a journal begins/],
    [changed(0, (event) => delete event.data.spec.prompt), /line 2 is no first event: it has no spec\.prompt$/],
    [changed(0, (event) => delete event.data.spec.policy.lost_max), /has no policy\.lost_max$/],
    [changed(0, (event) => (event.data.spec.big_models = [])), /has no spec\.big_models$/],
    [changed(0, (event) => delete event.data.spec), /has no spec\.id, spec\.tenant, spec\.nonce$/],
  ])
    assert.throws(() => read(text), { exitStatus: 78, message: words });
});

const fileIn = (data, kind, name) => in_(data, "objects", fileOf(`orchestrator-workers-Orchestrator${kind}`, name));

async function specOf(data, tenant) {
  const [, queued] = (await exported(in_(data), tenant, "w1")).split("\n");
  return JSON.parse(queued).data.spec;
}

test("a workflow is of whom it is imported for; a first line that contradicts it is refused", async () => {
  await imported(in_("tenants"), WHOLE, undefined, "0.2.0");
  await imported(in_("tenants"), WHOLE, "bob", "0.2.0");
  for (const tenant of ["me", "bob"]) assert.deepEqual(await specOf("tenants", tenant), { ...SPEC, tenant });
  const again = imported(in_("tenants"), WHOLE, "bob", "0.2.0");
  await assert.rejects(again, { exitStatus: 78, message: /there is a workflow w1 already/ });
  for (const [from, to] of [
    ['"tenant":"me","id":"w1"', '"tenant":"me","id":"w2"'],
    ['"tenant":"me","id":"w1"', '"tenant":"eve","id":"w1"'],
  ]) {
    const refused = imported(in_("refused"), WHOLE.replace(from, to), undefined, "0.2.0");
    await assert.rejects(refused, { exitStatus: 78, message: /the first line says .*, and the first event "me\/w1"/ });
  }
  await assert.rejects(imported(in_("refused"), WHOLE.replace('"id":"w1"', '"id":"../w"'), "me", "0.2.0"), /no id/);
});

test("import and the guide promise no place in a list that knows a younger workflow of the id", async () => {
  const write = mock.method(process.stderr, "write", () => true);
  try {
    await imported(in_("promised"), WHOLE, undefined, "0.2.0");
    const [said] = write.mock.calls.map(({ arguments: [text] }) => text).slice(-1);
    assert.match(said, /It is then in the list too, unless that knows a younger workflow w1\n$/);
  } finally {
    write.mock.restore();
  }
  const guide = readFileSync(inRoot("docs/self-hosting.md"), "utf8");
  assert.match(guide, /in the list too, unless that knows a younger workflow of this id/);
});

test("a life that the folder knew begins anew, and any other goes on", async () => {
  const knows = {
    deleted: ["Tenant", "me", "CREATE TABLE grave (life); INSERT INTO grave VALUES ('first-life')"],
    lost: ["Tenant", "me", "CREATE TABLE entry (life); INSERT INTO entry VALUES ('first-life')"],
    untold: [
      "Workflow",
      "me/w1",
      "CREATE TABLE _cf_KV (key, value); INSERT INTO _cf_KV VALUES ('tombstone/first-life', 1)",
    ],
    other: ["Tenant", "me", "CREATE TABLE grave (life); INSERT INTO grave VALUES ('another')"],
    "of-bob": ["Tenant", "bob", "CREATE TABLE grave (life); INSERT INTO grave VALUES ('first-life')"],
  };
  for (const [name, [kind, object, rows]] of Object.entries(knows)) {
    const file = fileIn(name, kind, object);
    await imported(in_(name), WHOLE.replaceAll('"w1"', '"before"'), undefined, "0.2.0");
    mkdirSync(path.dirname(file), { recursive: true });
    const database = new DatabaseSync(file);
    database.exec(rows);
    database.close();
    await imported(in_(name), WHOLE, undefined, "0.2.0");
    const { nonce } = await specOf(name, "me");
    if (["other", "of-bob"].includes(name)) assert.equal(nonce, "first-life", name);
    else assert.match(nonce, /^[0-9a-f]{32}$/, name);
  }
});
