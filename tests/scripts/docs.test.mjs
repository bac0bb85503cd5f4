// The pages say what is there: every link leads somewhere, and the tables are those of the OpenAPI document and of the
// configuration. tests/readme.rs compares what only Rust knows; tests/e2e/docs.test.mjs runs the examples.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { partsOfDoors } from "../../scripts/openapi/doors.mjs";
import { COMMANDS as KEPT } from "../../scripts/serve/command.mjs";
import { document } from "../e2e/support/openapi.mjs";
import { anchorsOf, brokenLinks, codesOf, linksOf, PAGES, read, section, table } from "../e2e/support/pages.mjs";

const README_LINES_MAX = 200;
const README = read("README.md");
const API = read("docs/api.md");
const schemas = document.components.schemas;
/** Variables that are not the Worker's: of our scripts, of what runs beside it, and an example of a name. */
const OTHERS = /^(ORCHESTRATOR_TOKEN|CLUSTER_KEY|AWS_\w+|OLLAMA_HOST|PROVIDER_MY_OWN_BASE_URL)$/;
/** Words in the form of an error's name that are none. */
const CLASSES = /^(Orchestrator\w+|EventSource|InstanceStatus)$/;

test("README has at most 200 lines", () => {
  assert.ok(README.split("\n").length - 1 <= README_LINES_MAX, `${README.split("\n").length - 1} lines`);
});

test("README names the commands that start it and that test it", () => {
  const { scripts } = JSON.parse(read("package.json"));
  for (const name of ["start", "test"]) {
    assert.ok(scripts[name]);
    assert.match(README, new RegExp(`npm ${name}\\b`));
  }
});

test("README leads to every page", () => {
  const reached = linksOf(README);
  const missing = PAGES.filter((page) => page !== "README.md" && !reached.some((to) => to.split("#")[0] === page));
  assert.deepEqual(missing, []);
});

test("every link of every page leads to a file that is there, and to a heading of it", () => {
  const broken = PAGES.flatMap((page) => brokenLinks(page).map((to) => `${page}: ${to}`));
  assert.deepEqual(broken, []);
});

// A checker that can't fail proves nothing.
test("a broken link is noticed, and code is no link", () => {
  const page = [
    "# A b: `c`, d-e",
    "[1](docs/api.md) [2](docs/none.md) [3](docs/api.md#limits) [4](docs/api.md#none) [5](#a-b-c-d-e) [6](#none)",
    "`[7](none.md)` [8](https://example.com/none) [9](../outside.md) ![10](docs/none.png)",
    "```sh",
    "# no heading",
    "[11](none.md)",
    "```",
    "## Twice",
    "## Twice",
    "[12](#twice-1) [13](#no-heading)",
  ].join("\n");
  const expected = ["docs/none.md", "docs/api.md#none", "#none", "../outside.md", "docs/none.png", "#no-heading"];
  assert.deepEqual(brokenLinks("README.md", page), expected);
  assert.deepEqual([...anchorsOf(page)], ["a-b-c-d-e", "twice", "twice-1"]);
});

test("every command of npm that a page names is there", () => {
  const { scripts } = JSON.parse(read("package.json"));
  // In the changelog stands what there was; X is any, NAME is explained.
  const pages = PAGES.filter((page) => page !== "CHANGELOG.md");
  for (const page of pages)
    for (const [, name] of read(page).matchAll(/\bnpm run ([a-z][\w:-]*)/g))
      assert.ok(scripts[name], `${page}: ${name}`);
});

test("every command of the package that a page names is there, and the package is of this version", () => {
  const program = read("scripts/package/program.mjs");
  const { version } = JSON.parse(read("package.json"));
  const named = PAGES.filter((page) => page !== "CHANGELOG.md").flatMap((page) =>
    // The one that an upgrade goes to is a later one.
    [
      ...read(page)
        .replace(/^## Upgrade\n[\s\S]*?(?=^## )/m, "")
        .matchAll(/orchestrator-workers-([\d.]+)\.tgz(?: ([a-z]+))?/g),
    ],
  );
  assert.ok(named.length > 10, `${named.length} commands`);
  for (const [text, ofVersion, command] of named) {
    assert.equal(ofVersion, version, text);
    const isThere =
      command === undefined || KEPT.includes(command) || new RegExp(`^  ${command}\\b`, "m").test(program);
    assert.ok(isThere, text);
  }
});

test("the Rust that a page asks for is the one that Cargo.toml asks for", () => {
  const [, version] = /^rust-version = "([\d.]+)"$/m.exec(read("Cargo.toml"));
  const named = PAGES.flatMap((page) => [...read(page).matchAll(/Rust \(([\d.]+) or newer\)/g)]);
  assert.ok(named.length > 0);
  for (const [text, asked] of named) assert.equal(asked, version, text);
});

test("every variable and every error that a page names is there", () => {
  const variables = table(read("docs/configuration.md"), "| variable |").map(([cell]) => codesOf(cell)[0]);
  const errors = read("docs/errors.md");
  for (const page of PAGES.filter((name) => name.startsWith("docs/") || name === "README.md"))
    for (const code of codesOf(read(page))) {
      const variable = /^([A-Z]+(?:_[A-Z]+)+)(=.*)?$/.exec(code)?.[1];
      if (variable) assert.ok(variables.includes(variable) || OTHERS.test(variable), `${page}: ${variable}`);
      if (/^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(code) && !CLASSES.test(code))
        assert.ok(errors.includes(`| \`${code}\` |`), `${page}: ${code}`);
    }
});

test("the table of a submission has the fields of the OpenAPI document", () => {
  const rows = table(section(API, "The body"), "| field |").flatMap(([cell]) => codesOf(cell));
  const { options, ...fields } = schemas.Submission.properties;
  assert.ok(options);
  const names = [
    ...Object.keys(fields),
    ...Object.keys(schemas.SubmissionOptions.properties).map((name) => `options.${name}`),
  ];
  assert.deepEqual(rows.toSorted(), names.toSorted());
});

test("the table of warnings has the reasons of the OpenAPI document", () => {
  const rows = table(section(API, "Warnings"), "| reason |").flatMap(([cell]) => codesOf(cell));
  const reasons = schemas.WarningReason.oneOf.flatMap((one) => one.enum ?? [one.const]);
  assert.deepEqual(rows.toSorted(), reasons.toSorted());
});

test("the tables of routes have those of the OpenAPI document, but for the aliases at the root", () => {
  const own = table(section(API, "Routes"), "| request |").flatMap(([cell]) => routesOf(cell));
  const ofDoors = table(read("docs/support.md"), "| door |").flatMap(([, , cell]) => routesOf(cell));
  const isAlias = (method, path) => path.startsWith("/{id}") || (method === "post" && path === "/");
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => /^(get|post|put|patch|delete)$/.test(method) && !isAlias(method, path))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(
    documented.filter((route) => !own.includes(route) && !ofDoors.includes(route)),
    [],
  );
  assert.deepEqual(
    own.filter((route) => !documented.includes(route)),
    [],
  );
  assert.deepEqual(
    ofDoors.filter((route) => own.includes(route)),
    [],
  );
  for (const [door, , routes, folder] of table(read("docs/support.md"), "| door |")) {
    const part = partsOfDoors().find((each) => codesOf(folder).includes(each.folder));
    if (!part) continue;
    const described = Object.entries(part.paths).flatMap(([path, { parameters: _, ...operations }]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(routesOf(routes).toSorted(), described.toSorted(), door);
  }
});

/** `POST /workflows/:id/pause`, `resume` are two routes. */
function routesOf(cell) {
  let [method, path] = [];
  return codesOf(cell).map((code) => {
    if (code.includes(" ")) [method, path] = code.split(" ");
    else path = code.startsWith("/") ? code : path.replace(/[^/]+$/, code);
    return `${method} ${path.replace(/:(\w+)/g, "{$1}")}`;
  });
}

test("the fields of a status and of an entry of the list are named", () => {
  const named = (text, fields) => fields.filter((field) => !codesOf(text).includes(field));
  assert.deepEqual(named(section(API, "The status"), Object.keys(schemas.StatusView.properties)), []);
  assert.deepEqual(named(section(API, "Finding it again"), Object.keys(schemas.Listed.properties)), []);
});

test("the table of environments is that of wrangler.toml and package.json", () => {
  const { scripts } = JSON.parse(read("package.json"));
  // A part for each environment; the first is production's, and begins with what all have in common.
  const parts = read("wrangler.toml").split(/^\[env\.\w+\.vars\]$/m);
  const stem = /^name = "(.*)"$/m.exec(parts[0])[1];
  const expected = parts.map((part) => {
    const variable = (name) => new RegExp(`^${name} = "(.*)"$`, "m").exec(part)[1];
    const environment = variable("ENVIRONMENT");
    const worker = environment === "production" ? stem : `${stem}-${environment}`;
    return [environment, variable("MODEL_PROVIDER"), worker];
  });
  const rows = table(read("docs/operations.md"), "| environment |");
  assert.deepEqual(
    rows.map(([environment, , , provider, worker]) => [environment, codesOf(provider)[0], codesOf(worker)[0]]),
    expected,
  );
  for (const [environment, deploy, secrets] of rows) {
    for (const command of codesOf(deploy)) assert.ok(scripts[command.replace("npm run ", "")], command);
    const flag = environment === "production" ? '--env=""' : `--env ${environment}`;
    assert.ok(secrets.includes(`wrangler secret put NAME ${flag}`), secrets);
  }
});

test("the sums of docs/cost.md are right", () => {
  const page = read("docs/cost.md");
  const close = (a, b, what) => assert.ok(Math.abs(a - b) < 1e-6, what);
  const dollars = (text) => Number(/\$(\d+\.\d+)/.exec(text)[1]);
  const steps = table(page, "| step |");
  const [together] = steps.splice(-1);
  for (const row of steps) {
    const [a, b, sum] = [...row[4].matchAll(/\d+\.\d+/g)].map(Number);
    close(a + b, sum, row[4]);
  }
  close(
    steps.reduce((sum, row) => sum + dollars(row[4]), 0),
    dollars(together[4]),
    "together",
  );
  const ofCell = (cell) => Number(cell.split("=").at(-1).replaceAll(",", ""));
  for (const column of [2, 3])
    assert.equal(
      steps.reduce((sum, row) => sum + ofCell(row[column]), 0),
      ofCell(together[column]),
    );
  const against = table(page, "| what |");
  const one = dollars(against[0][1]);
  for (const [what, price, times] of against) assert.equal((dollars(price) / one).toFixed(1), times, what);
  close(dollars(against[1][1]), dollars(together[4]), "in parts");
});

test("docs/connect.md names tests that are there, and says of the rest that they are not tested", () => {
  const rows = table(read("docs/connect.md"), "| from |");
  assert.ok(rows.length >= 12, `${rows.length} rows`);
  for (const [what, , tested] of rows) {
    const files = codesOf(tested).filter((name) => name.startsWith("tests/"));
    if (files.length === 0) assert.equal(tested, "not tested here", what);
    for (const file of files) assert.ok(existsSync(inRoot(file)), `${what}: there is no ${file}`);
  }
});

test("docs/support.md says of each door whether it is stable, its folder and its tests", () => {
  const rows = table(read("docs/support.md"), "| door |");
  for (const [door, status, , folder, tests] of rows) {
    assert.match(status, /^(stable|experimental)$/, door);
    for (const file of [...codesOf(folder), ...codesOf(tests)]) assert.ok(existsSync(inRoot(file)), `${door}: ${file}`);
    assert.ok(codesOf(tests).length > 0, `${door} has no test`);
    const part = partsOfDoors().find((each) => codesOf(folder).includes(each.folder));
    assert.equal(part !== undefined, codesOf(folder)[0].startsWith("src/doors/"), `${door}: its part of the document`);
    for (const tag of part?.tags ?? []) assert.equal(tag["x-stability"], status, door);
  }
  const folders = rows.flatMap((row) => codesOf(row[3])).filter((name) => name.startsWith("src/doors/"));
  const there = readdirSync(inRoot("src/doors"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith("-common"))
    .map((entry) => `src/doors/${entry.name}/`);
  assert.deepEqual(folders.toSorted(), there.toSorted());
});
