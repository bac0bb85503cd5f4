// OpenAI's library for Python, as a client of the end-to-end tests: a virtual environment in the tools cache.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { say } from "../lib/say.mjs";
import { cached } from "./cache.mjs";
import { findPython, MEND } from "./schemathesis.mjs";

const REQUIREMENTS = "tests/e2e/openai-python/requirements.txt";

/** The Python that has it, or null where there is no Python: in CI on Linux schemathesis has said so as an error. */
export async function openaiPython() {
  const python = await findPython();
  if (python === null) {
    say(`\nNO PYTHON: the test with OpenAI's library for Python is left out. To run it, ${MEND}.\n`);
    return null;
  }
  const requirements = readFileSync(inRoot(REQUIREMENTS));
  const version = /^openai==(\S+)/m.exec(String(requirements))?.[1];
  const hash = createHash("sha256").update(requirements).digest("hex").slice(0, 8);
  const folder = await cached(`openai-${version}-python${python.version}-${hash}`, async (temporary) => {
    await quietly(python.program, ["-m", "venv", temporary]);
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"];
    await quietly(path.join(temporary, "bin/python"), [
      ...["-m", "pip", "install", ...flags, "--requirement", inRoot(REQUIREMENTS)],
    ]);
  });
  return path.join(folder, "bin/python");
}
