// The licences of the Rust crates that are compiled into the WebAssembly; those of the console's packages lie beside
// it.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";

const TARGET = "wasm32-unknown-unknown";

/** As one text. Crates that run only at build time, such as procedural macros, are not among them. */
export async function crateLicences(env) {
  const printed = await quietly(
    "cargo",
    ["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET],
    { env },
  );
  const { packages, resolve } = JSON.parse(printed);
  const byId = new Map(packages.map((one) => [one.id, one]));
  const compiled = new Set([resolve.root]);
  for (const id of compiled) {
    const { deps } = resolve.nodes.find((node) => node.id === id);
    for (const { pkg, dep_kinds } of deps)
      if (dep_kinds.some(({ kind }) => kind === null) && !isMacro(byId.get(pkg))) compiled.add(pkg);
  }
  compiled.delete(resolve.root);
  return [...compiled]
    .map((id) => entry(byId.get(id)))
    .sort()
    .join(`\n${"-".repeat(80)}\n\n`);
}

const isMacro = ({ targets }) => targets.some(({ kind }) => kind.includes("proc-macro"));

function entry({ name, version, license, authors, manifest_path }) {
  const folder = path.dirname(manifest_path);
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (file) => file.isFile() && /^(licen[cs]e|copying)/i.test(file.name),
  );
  const texts = files.map((file) => readFileSync(path.join(folder, file.name), "utf8").trim());
  return [`${name} ${version} (${license})`, ...(texts.length > 0 ? texts : authors)].join("\n\n").concat("\n");
}
