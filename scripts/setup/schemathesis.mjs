// schemathesis, for its end-to-end test: Python's virtual environment in the tools cache, with the pinned packages.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { atLeast, capture, quietly, which } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { Problem, say } from "../lib/say.mjs";
import { aptInstall, mayInstall } from "./apt.mjs";
import { cached } from "./cache.mjs";

const REQUIREMENTS = "tests/e2e/schemathesis/requirements.txt";
/** schemathesis' own minimum. */
const WANTED = "3.11.0";
const PROGRAMS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
/** What Debian calls the module `venv`, with which its Python comes without. */
const PACKAGE = "python3-venv";
export const MEND = "install Python 3.11 or newer, with its module venv";

/**
 * The command that runs schemathesis, `[program, ...arguments]`, or null where there is no Python for it. That is a
 * `Problem` in CI on Linux, where this test must run.
 */
export async function schemathesis() {
  const python = await findPython();
  if (python === null) {
    if (process.env.CI && process.platform === "linux")
      throw new Problem(`the test with schemathesis needs Python: ${MEND}`);
    say(`\nNO PYTHON: the test with schemathesis is left out. To run it, ${MEND}.\n`);
    return null;
  }
  const requirements = readFileSync(inRoot(REQUIREMENTS));
  const version = /^schemathesis==(\S+)/m.exec(String(requirements))?.[1];
  const hash = createHash("sha256").update(requirements).digest("hex").slice(0, 8);
  const name = `schemathesis-${version}-python${python.version}-${hash}`;
  const folder = await cached(name, async (temporary) => {
    await quietly(python.program, ["-m", "venv", temporary]);
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"];
    await quietly(path.join(temporary, "bin/python"), [
      ...["-m", "pip", "install", ...flags, "--requirement", inRoot(REQUIREMENTS)],
    ]);
  });
  // Not its script, which names the folder in which it was installed before the cache renamed it.
  return [path.join(folder, "bin/python"), "-c", "from schemathesis.cli import schemathesis; schemathesis()"];
}

/** `{ program, version }` of a Python that can make an environment, or null. */
export async function findPython() {
  const found = await look();
  if (found || !mayInstall()) return found;
  await aptInstall(PACKAGE);
  return look();
}

async function look() {
  for (const name of PROGRAMS) {
    const program = which(name);
    if (!program) continue;
    // Debian's Python lacks ensurepip, without which an environment has no pip.
    const code = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:3])))";
    const { code: status, stdout } = await capture(program, ["-c", code]);
    if (status === 0 && atLeast(stdout.trim(), WANTED)) return { program, version: stdout.trim() };
  }
  return null;
}
