// Sets up what is missing. Every script calls this first; where all is there, it takes a fraction of a second.

import path from "node:path";
import { nodeFolder } from "./node.mjs";
import { npmPackages } from "./npm.mjs";
import { rustForWasm, rustLinters } from "./rust.mjs";
import { assertSupported } from "./supported.mjs";
import { buildTools, npmBinaries } from "./tools.mjs";

/**
 * A Node that wrangler accepts, the npm packages, Rust with the wasm32 target, worker-build and wasm-bindgen, and with
 * `linters` rustfmt and clippy too. Resolves to the environment in which all of these work, and the paths of the last
 * two tools.
 */
export async function setUp({ linters = false } = {}) {
  assertSupported();
  // npm works on the network and cargo on the processor: side by side.
  const [node, wasm] = await all([npmSide(), wasmSide()]);
  const env = { ...process.env, ...wasm.env, ...npmBinaries() };
  env.PATH = [node.bin, wasm.path, process.env.PATH].filter(Boolean).join(path.delimiter);
  if (linters) await rustLinters(env);
  return { env, ...wasm.tools };
}

async function npmSide() {
  const bin = await nodeFolder();
  await npmPackages(bin);
  return { bin };
}

async function wasmSide() {
  const [{ path: folder, ...env }, tools] = await all([rustForWasm(), buildTools()]);
  return { env, path: folder, tools };
}

/** Like Promise.all, but waits for every part before it throws, so that no step goes on behind an error message. */
async function all(parts) {
  const results = await Promise.allSettled(parts);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
