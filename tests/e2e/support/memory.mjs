// What the WebAssembly's memory takes. workerd enforces no limit, the platform 128 MB for an isolate with all of its
// objects. Only the crash-test build tells.

import { fileURLToPath } from "node:url";

export const MIB = 1024 * 1024;
export const crashTestBuild = fileURLToPath(new URL("../../../build/crash-test", import.meta.url));

/** Bytes of the memory: its peak since the start, because it never shrinks. */
export async function peakMemory({ url }) {
  return (await fetch(`${url}/crash/memory`)).json();
}

export const inMib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;
