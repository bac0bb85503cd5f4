// Ports for servers that can't choose one themselves.

import { randomInt } from "node:crypto";
import { whyNot } from "../../../scripts/start/port.mjs";

/** Below those that a system hands out by itself (Linux from 32768 on), which another server or a client could get. */
const FIRST = 12_000;
const END = 32_000;

/** One that was free a moment ago, and that nobody gets by chance before its server listens. */
export async function freePort() {
  for (;;) {
    const port = randomInt(FIRST, END);
    if ((await whyNot(port, "127.0.0.1")) === null) return port;
  }
}
