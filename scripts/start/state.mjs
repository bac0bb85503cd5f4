// The state of a start: the folder with its workflows, which one server at a time may serve. Two would both wake up for
// the same workflow and make each of its calls twice.
//
// Whoever serves a folder listens on a socket that belongs to it. The kernel closes it with the process, however that
// ends, so what is left behind refuses connections and is taken over.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, realpathSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { commands } from "../lib/command.mjs";
import { Problem } from "../lib/say.mjs";
import { valuesOf } from "./arguments.mjs";

/** Where wrangler keeps it unless told otherwise. */
const USUAL = ".wrangler/state";
/** Of a holder that is stopped or too busy to say who it is. */
const ANSWER_MS_MAX = 2_000;

/** The folder that a start with these arguments keeps its workflows in. */
export const stateFolder = (args, folder) => path.resolve(folder, valuesOf("persist-to", args).at(-1) || USUAL);

/**
 * Takes the folder for this process until `release()`; a `Problem` where another start has it. `port` is the one that
 * this start was given, for the words.
 */
export async function takeState(state, port) {
  mkdirSync(state, { recursive: true });
  const address = socketOf(state);
  // Whoever is found to have ended leaves its socket: once it is gone the second attempt succeeds.
  for (let attempt = 1; attempt <= 2; attempt++) {
    const server = net.createServer((socket) => socket.on("error", () => {}).end(String(process.pid)));
    server.listen(address);
    try {
      await once(server, "listening");
      // It must not keep a start alive that has nothing else to do.
      server.unref();
      return { release: () => server.close() };
    } catch (error) {
      // Without sockets there is no protection, but there is a server.
      if (error.code !== "EADDRINUSE") break;
      const pid = await serverAt(address);
      if (pid !== null) throw new Problem(takenBy(state, port, pid));
      rmSync(address, { force: true });
    }
  }
  return { release() {} };
}

function takenBy(state, port, pid) {
  const shown = path.relative(process.cwd(), state) || state;
  const end = pid ? `End it (kill ${pid}), or` : "End it, or";
  return (
    `another start${pid ? `, process ${pid},` : ""} serves the workflows in ${shown}, and two would make each call ` +
    `twice. ${end} give this one a folder of its own: ${commands().startWith} --port ${port} ` +
    `--persist-to .wrangler/state-${port}`
  );
}

/** The process that listens; the empty text where it does not say; null where nobody does. */
function serverAt(address) {
  return new Promise((resolve) => {
    let text = "";
    const socket = net.connect(address);
    socket.setEncoding("utf8").setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", (/** @type {NodeJS.ErrnoException} */ error) =>
      resolve(error.code === "ECONNREFUSED" || error.code === "ENOENT" ? null : text),
    );
    socket.on("close", () => resolve(text));
  });
}

/** Not in the folder itself, because a socket's path may have no more than about a hundred characters. */
function socketOf(state) {
  const hash = createHash("sha256").update(realpathSync(state)).digest("hex").slice(0, 16);
  const name = `orchestrator-workers-${hash}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
}
