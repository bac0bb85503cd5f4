// How `serve` ends, for systemd, Docker and scripts (the statuses of sysexits.h).

import { Problem } from "../lib/say.mjs";

/** Another process has what we need: trying again later may help. */
export const BUSY = 75;
/** Trying again does not help. */
export const WRONG_CONFIGURATION = 78;

export class ConfigurationProblem extends Problem {
  exitStatus = WRONG_CONFIGURATION;
}

export class BusyProblem extends Problem {
  exitStatus = BUSY;
}
