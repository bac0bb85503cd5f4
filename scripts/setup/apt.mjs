// Debian's packages that only tests need.

import { capture, quietly, which } from "../lib/exec.mjs";
import { step } from "../lib/say.mjs";

/**
 * Only as root and only in CI or where SETUP_INSTALL=1 asks for it: a set-up must not change somebody's system unasked.
 */
export function mayInstall(env = process.env) {
  return Boolean(env.CI || env.SETUP_INSTALL) && process.getuid?.() === 0 && which("apt-get", env) !== null;
}

export async function aptInstall(name) {
  await step(`apt-get install ${name}`, async () => {
    const flags = ["install", "--yes", "--no-install-recommends", name];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    // The lists of a fresh machine are empty or old.
    if ((await capture("apt-get", flags, { env })).code === 0) return;
    await quietly("apt-get", ["update"], { env });
    await quietly("apt-get", flags, { env });
  });
}
