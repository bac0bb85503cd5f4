// The package's folder, build/package, and the tarball that npm makes of it. What runs on the reader's machine is
// src-less: the built Worker and console, the scripts that serve and deploy them, and wrangler as the only dependency.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { modulesOf } from "../lib/modules.mjs";
import { inRoot } from "../lib/paths.mjs";
import { packagedConfig } from "./config.mjs";
import { crateLicences } from "./licences.mjs";

const PROGRAM = "scripts/package/program.mjs";
/** `orchestrator-workers/client`, with declarations that are made of it. */
const CLIENT = ["client/index.js", "client/sse.js", "client/types.d.ts", "client/openapi.d.ts"];
const FILES = [
  ...CLIENT,
  "build/bundle",
  "build/console",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  ...readdirSync(inRoot("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  "packaging/orchestrator-workers.service",
  ".dev.vars.example",
];

/** Makes the tarball in `destination` of what is built, by way of the folder; resolves to its path. */
export async function pack(destination, env, folder = inRoot("build/package")) {
  rmSync(folder, { recursive: true, force: true });
  for (const name of [...FILES, ...(await modulesOf(PROGRAM))]) copy(name, folder);
  await quietly("npx", ["--no-install", "tsc", "--project", "client", "--outDir", path.join(folder, "client")], {
    env,
  });
  const project = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(manifest(project), null, 2)}\n`);
  writeFileSync(path.join(folder, "wrangler.toml"), packagedConfig(readFileSync(inRoot("wrangler.toml"), "utf8")));
  writeFileSync(path.join(folder, "LICENCES-OF-CRATES.txt"), await crateLicences(env));
  mkdirSync(destination, { recursive: true });
  const printed = await quietly("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", destination], {
    cwd: folder,
    env,
  });
  const [{ filename }] = Object.values(JSON.parse(printed));
  return path.join(destination, filename);
}

function copy(name, folder) {
  const to = path.join(folder, name);
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(inRoot(name), to, { recursive: true });
}

function manifest({ name, version, description, license, type, exports, repository, devDependencies }) {
  return {
    name,
    version,
    description,
    license,
    repository: repository ?? repositoryOfWorkflow(),
    type,
    exports,
    bin: { [name]: PROGRAM },
    // The Node of the reader: wrangler gets a newer one where it needs it.
    engines: { node: ">=18" },
    dependencies: { wrangler: devDependencies.wrangler },
  };
}

/** npm's provenance wants the repository that the package was built in. Undefined but in GitHub's workflows. */
export function repositoryOfWorkflow({ GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env) {
  if (GITHUB_ACTIONS !== "true") return undefined;
  return { type: "git", url: `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git` };
}
