// The official test suite of JSON Schema, for the tests of both validators: it comes with the sources of Python's
// package `jsonschema`, of which nothing is installed or run. Kept in the tools cache.

import { existsSync, readdirSync, renameSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say } from "../lib/say.mjs";
import { cached } from "./cache.mjs";
import { findPython, MEND } from "./schemathesis.mjs";

const VERSION = "4.25.1";
const REQUIREMENTS = "tests/fixtures/json-schema-suite.txt";

/**
 * The folder of the suite's tests of draft 2020-12, or null where there is no Python to fetch it. That is a `Problem`
 * in CI on Linux, where these tests must run.
 */
export async function jsonSchemaSuite() {
  const python = await findPython();
  if (python === null) {
    if (process.env.CI && process.platform === "linux")
      throw new Problem(`the official suite of JSON Schema needs Python: ${MEND}`);
    say(`\nNO PYTHON: the official suite of JSON Schema is left out. To run it, ${MEND}.\n`);
    return null;
  }
  const folder = await cached(`json-schema-suite-${VERSION}`, async (temporary) => {
    const venv = path.join(temporary, "venv");
    await quietly(python.program, ["-m", "venv", venv]);
    const program = path.join(venv, "bin/python");
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--no-binary=jsonschema"];
    const source = path.join(temporary, "source");
    const wanted = ["--requirement", inRoot(REQUIREMENTS), "--dest", source];
    await quietly(program, ["-m", "pip", "download", ...flags, ...wanted]);
    const [archive] = readdirSync(source);
    await quietly("tar", ["-xzf", path.join(source, archive), "-C", temporary]);
    renameSync(path.join(temporary, `jsonschema-${VERSION}`, "json/tests/draft2020-12"), path.join(temporary, "tests"));
    await quietly("rm", ["-r", venv, source, path.join(temporary, `jsonschema-${VERSION}`)]);
  });
  const tests = path.join(folder, "tests");
  if (!existsSync(path.join(tests, "ref.json"))) throw new Problem(`${folder} has no suite: delete it and start again`);
  return tests;
}
