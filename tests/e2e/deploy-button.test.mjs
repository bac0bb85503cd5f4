// The folder that a "Deploy to Cloudflare" button deploys, as Cloudflare does it: in a place of its own, its packages
// installed by its lock file, then wrangler.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";
import { quietly } from "../../scripts/lib/exec.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { bindingsOf, buttonConfig, stageButton } from "../../scripts/package/button.mjs";

const place = mkdtempSync(path.join(tmpdir(), "orchestrator-button-"));
after(() => rmSync(place, { recursive: true, force: true }));
await stageButton(process.env, "licences", place);
const read = (name) => readFileSync(path.join(place, name), "utf8");
// YAML is a superset of JSON, and the only comment is the first line.
const config = parse(read("wrangler.jsonc").replace(/^\/\/.*\n/, ""));
const manifest = JSON.parse(read("package.json"));

test("wrangler accepts it, with every binding of production and nothing to build", { timeout: 180_000 }, async () => {
  const env = { ...process.env, HOME: place, CI: "1" };
  await quietly("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: place, env });
  const printed = await quietly("npm", ["run", "check"], { cwd: place, env });
  for (const name of bindingsOf(config)) assert.ok(printed.includes(`env.${name}`), `${name}\n${printed}`);
  for (const value of ['"production"', '"workers-ai"', '"button"']) assert.ok(printed.includes(value), printed);
  const uploaded = [...printed.matchAll(/^.*?(\S+\.(?:js|wasm|mjs|txt|html))\s.*(?:esm|compiled-wasm|wasm)/gm)];
  assert.deepEqual(
    uploaded.map(([, name]) => path.basename(name)).filter((name) => name !== "main.js"),
    ["doors.js", "index_bg.wasm"],
    printed,
  );
});

test("its configuration is that of production, from one source", () => {
  const toml = readFileSync(inRoot("wrangler.toml"), "utf8");
  for (const { name } of config.durable_objects.bindings) assert.ok(toml.includes(`name = "${name}"`));
  assert.ok(toml.includes(`compatibility_date = "${config.compatibility_date}"`));
  const tags = [...toml.split("# --- staging")[0].matchAll(/^tag = "(.+)"$/gm)].map(([, tag]) => tag);
  assert.deepEqual(
    config.migrations.map(({ tag }) => tag),
    tags,
  );
  assert.deepEqual([config.vars.ENVIRONMENT, config.vars.HOSTING, config.env], ["production", "button", undefined]);
  assert.throws(() => buttonConfig({ name: "x" }), /wrangler\.toml/, "one of another form is an error");
});

test("the form asks for the tokens, proposes none, and describes all that it shows", () => {
  const secrets = read(".dev.vars.example")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(secrets, ["API_TOKENS="]);
  const described = Object.entries(manifest.cloudflare.bindings);
  assert.deepEqual(described.map(([name]) => name).sort(), ["API_TOKENS", ...bindingsOf(config)].sort());
  for (const [name, { description }] of described) assert.match(description, /\w.*\.$/, name);
});

test("it has what Cloudflare's gallery asks for and a release can bring", () => {
  const { label, products, categories } = manifest.cloudflare;
  assert.match(label, /^[A-Z]/);
  assert.ok(products.length > 0 && products.length <= 3);
  for (const category of categories) assert.ok(["starter", "storage", "ai"].includes(category), category);
  const [, shown] = /<!-- dash-content-start -->([\s\S]+)<!-- dash-content-end -->/.exec(read("README.md"));
  assert.doesNotMatch(shown, /```|!\[/, "neither commands nor images");
  assert.match(read("README.md"), /!\[.+\]\(preview\.png\)/);
  // The size is in the first bytes of a PNG.
  const preview = readFileSync(path.join(place, "preview.png"));
  const [width, height] = [preview.readUInt32BE(16), preview.readUInt32BE(20)];
  assert.ok(width >= 500);
  assert.equal(width / height, 16 / 9);
});

test("its lock file has the versions of ours, and names no registry", () => {
  const { packages } = JSON.parse(read("package-lock.json"));
  const ours = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8")).packages;
  for (const [name, { version, resolved }] of Object.entries(packages)) {
    assert.equal(version, name === "" ? manifest.version : ours[name].version, name);
    assert.equal(resolved, undefined, name);
  }
  assert.ok("node_modules/wrangler" in packages);
});
