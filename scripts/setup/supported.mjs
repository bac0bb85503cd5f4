// Machines that these scripts run on at all.

import { atLeast } from "../lib/exec.mjs";
import { Problem } from "../lib/say.mjs";

/** What these scripts themselves need. */
const NODE_MIN = "18.0.0";

export function assertSupported() {
  if (process.platform === "win32")
    throw new Problem("Windows is not supported: use WSL (https://learn.microsoft.com/windows/wsl/install)");
  if (!atLeast(process.versions.node, NODE_MIN))
    throw new Problem(`Node ${process.versions.node} is too old: install Node 22 (https://nodejs.org)`);
}
