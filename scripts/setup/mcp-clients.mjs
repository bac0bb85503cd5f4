// MCP clients of others and the conformance suite, for the end-to-end tests. They are large and only tests need them,
// so they are no dependency of the project: they are installed into the tools cache when they are first asked for.

import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { say } from "../lib/say.mjs";
import { cached } from "./cache.mjs";
import { findPython, MEND } from "./schemathesis.mjs";

const FOLDER = "tests/e2e/mcp/packages";
const FILES = ["package.json", "package-lock.json"];
const REQUIREMENTS = "tests/e2e/mcp/requirements.txt";

/** The folder with the `node_modules` of the clients in JavaScript. */
export async function mcpClients() {
  const files = FILES.map((name) => inRoot(FOLDER, name));
  return cached(`mcp-clients-${hashOf(files)}`, async (folder) => {
    for (const file of files) copyFileSync(file, path.join(folder, path.basename(file)));
    await quietly("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
  });
}

/** The Python that has the SDK `mcp`, or null where there is no Python. */
export async function mcpPython() {
  const python = await findPython();
  if (python === null) {
    say(`\nNO PYTHON: the test with Python's MCP client is left out. To run it, ${MEND}.\n`);
    return null;
  }
  const requirements = inRoot(REQUIREMENTS);
  const version = /^mcp==(\S+)/m.exec(readFileSync(requirements, "utf8"))?.[1];
  const name = `mcp-${version}-python${python.version}-${hashOf([requirements])}`;
  const folder = await cached(name, async (temporary) => {
    await quietly(python.program, ["-m", "venv", temporary]);
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"];
    await quietly(path.join(temporary, "bin/python"), [
      ...["-m", "pip", "install", ...flags, "--requirement", requirements],
    ]);
  });
  return path.join(folder, "bin/python");
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}
