// The browser of the browser tests: whatever Chrome, Chromium or Edge the machine has.

import { existsSync } from "node:fs";
import { which } from "../lib/exec.mjs";
import { Problem, say } from "../lib/say.mjs";
import { aptInstall, mayInstall } from "./apt.mjs";

const PROGRAMS = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
  "microsoft-edge-stable",
];
const APPLICATIONS = ["Google Chrome", "Chromium", "Microsoft Edge"].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const MEND = "install Chrome, Chromium or Edge, or name its program in CHROME_PATH";

/** The program, or null. CHROME_PATH comes before what is found. */
export function findChromium(env = process.env) {
  if (env.CHROME_PATH) {
    if (!existsSync(env.CHROME_PATH)) throw new Problem(`CHROME_PATH names ${env.CHROME_PATH}, which is not there`);
    return env.CHROME_PATH;
  }
  return (
    PROGRAMS.map((name) => which(name, env)).find(Boolean) ?? APPLICATIONS.find((file) => existsSync(file)) ?? null
  );
}

/**
 * The program; installs Debian's where there is none and we may. Null where there is none, which is a `Problem` in CI:
 * there the browser tests must run.
 */
export async function chromium() {
  const found = findChromium();
  if (found) return found;
  if (mayInstall()) {
    await aptInstall("chromium");
    return findChromium();
  }
  if (process.env.CI) throw new Problem(`the browser tests need a browser: ${MEND}`);
  say(
    `\nNO BROWSER: the browser tests are left out. To run them, ${MEND} ` +
      "(on Debian as root: SETUP_INSTALL=1 npm test).\n",
  );
  return null;
}
