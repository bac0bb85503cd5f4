// Runs a program that a model has written: in a fresh folder, under Node's permission model (reading and writing of
// that folder only, no child processes, workers, native addons), with bounds of time, output, memory and file size.
// The network is closed by Node's own permissions from Node 25 on; on older ones by sandbox-preload.cjs, which is a
// hedge and no wall. What it does not hold: docs/eval.md.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { capture } from "../lib/exec.mjs";
import { Problem } from "../lib/say.mjs";
import { nodeFolder } from "../setup/node.mjs";

export const OUTPUT_BYTES_MAX = 1_000_000;
export const TIMEOUT_MS = 10_000;
const TIMEOUT_MS_MAX = 60_000;
/** Where whoever would end it is gone. */
const CPU_SECONDS_MAX = (2 * TIMEOUT_MS_MAX) / 1_000;
const HEAP_MB = 128;
/** Of each file that it writes, in blocks of 512 bytes. */
const FILE_BLOCKS_MAX = 20_480;
const PRELOAD = fileURLToPath(new URL("sandbox-preload.cjs", import.meta.url));

/**
 * Runs `args[0]`, one of `files` (name: text, folders allowed), with the further `args`:
 * `{ code, stdout, stderr, timedOut, tooMuchOutput }`. `code` is null where it was ended. Never throws for what the
 * program does; wrong names are errors of the caller.
 */
export async function runNode({ files, args = [Object.keys(files)[0]], timeoutMs = TIMEOUT_MS }) {
  if (!Object.hasOwn(files, args[0])) throw new Error(`${args[0]} is none of the files ${Object.keys(files)}`);
  // The permissions are by real path, and a temporary folder often is a link.
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "orchestrator-check-")));
  try {
    write(folder, files);
    const [script, ...rest] = args;
    return await bounded(await nodeCommand(folder), [path.join(folder, script), ...rest], { folder, timeoutMs });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder, files) {
  // Node looks for a package.json above a module, where it may not read.
  const all = { "package.json": '{ "type": "module" }', ...files };
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(folder, name);
    if (path.isAbsolute(name) || !file.startsWith(folder + path.sep)) throw new Error(`${name} leaves the folder`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/**
 * Ends the program, with all of its group, at a bound.
 *
 * @param {string[]} command
 */
function bounded(command, args, { folder, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const [program, ...flags] = command;
    const child = spawn(program, [...flags, ...args], {
      cwd: folder,
      // Nothing of ours: keys of the judge and of providers stand in the environment.
      env: { HOME: folder, TMPDIR: folder, NODE_NO_WARNINGS: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const result = { code: null, stdout: "", stderr: "", timedOut: false, tooMuchOutput: false };
    const end = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    };
    const timer = setTimeout(
      () => {
        result.timedOut = true;
        end();
      },
      Math.min(timeoutMs, TIMEOUT_MS_MAX),
    );
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (chunk) => {
        if (result[name].length + chunk.length <= OUTPUT_BYTES_MAX) {
          result[name] += chunk;
          return;
        }
        result.tooMuchOutput = true;
        end();
      });
    }
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      end();
      resolve({ ...result, code: result.timedOut || result.tooMuchOutput ? null : code });
    });
  });
}

/** `sh` limits the size of files, and becomes Node. */
async function nodeCommand(folder) {
  found ??= findNode();
  const { node, flags } = await found;
  const permissions = [
    ...flags,
    `--allow-fs-read=${folder}`,
    `--allow-fs-read=${PRELOAD}`,
    `--allow-fs-write=${folder}`,
  ];
  const limit = `ulimit -f ${FILE_BLOCKS_MAX}; ulimit -t ${CPU_SECONDS_MAX}; ulimit -c 0; exec "$@"`;
  return ["/bin/sh", "-c", limit, "sh", node, ...permissions, `--max-old-space-size=${HEAP_MB}`, "--require", PRELOAD];
}

/** @type {Promise<{ node: string, flags: string[] }> | undefined} */
let found;

/** A Node with permissions and type stripping, and how this one calls them. */
async function findNode() {
  const node = path.join(await nodeFolder(), "node");
  const { stdout } = await capture(node, ["-p", "JSON.stringify([...process.allowedNodeEnvironmentFlags])"]);
  const known = JSON.parse(stdout || "[]");
  const permission = ["--permission", "--experimental-permission"].find((flag) => known.includes(flag));
  // Programs of a model run under permissions or not at all.
  if (!permission) throw new Problem(`${node} knows no --permission: install Node 22.13 or newer`);
  const strip = known.includes("--experimental-strip-types") ? ["--experimental-strip-types"] : [];
  return { node, flags: [permission, ...strip] };
}
