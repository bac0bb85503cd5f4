// Sets up what is missing. Every script calls this first; where all is there, it takes a fraction of a second.

import path from "node:path";
import { nodeFolder } from "./node.mjs";
import { npmPackages } from "./npm.mjs";
import { rustForWasm, rustLinters } from "./rust.mjs";
import { assertSupported } from "./supported.mjs";

/**
 * A Node that wrangler accepts, the npm packages, Rust with the wasm32 target, and with `linters` rustfmt and clippy
 * too. Resolves to the environment in which all of these work: `{ env }`. What only some scripts need is set up by
 * them: the build compiles wasm-bindgen (bindgen.mjs), the tests look for a browser (chromium.mjs).
 */
export async function setUp({ linters = false } = {}) {
  assertSupported();
  // Both wait for the network: side by side.
  const [node, wasm] = await all([npmSide(), rustForWasm()]);
  const { path: folder, ...variables } = wasm;
  const env = { ...process.env, ...variables };
  env.PATH = [node.bin, folder, process.env.PATH].filter(Boolean).join(path.delimiter);
  if (linters) await rustLinters(env);
  return { env };
}

async function npmSide() {
  const bin = await nodeFolder();
  await npmPackages(bin);
  return { bin };
}

/** Like Promise.all, but waits for every part before it throws, so that no step goes on behind an error message. */
export async function all(parts) {
  const results = await Promise.allSettled(parts);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
