// The port of a start: whether it is free, and who has it.

import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { commands } from "../lib/command.mjs";
import { capture, which } from "../lib/exec.mjs";
import { ancestry } from "../lib/processes.mjs";
import { Problem } from "../lib/say.mjs";

/** A start of ours, from a clone or by the package. */
const START = /(scripts\/start\.mjs|scripts\/package\/program\.mjs|\.bin\/orchestrator-workers)( |$)/;
const COLUMNS_MAX = 100;
/** Linux' table of sockets, and TCP_LISTEN in it. */
const TABLE = "/proc/net/tcp";
const LISTENS = "0A";
const LOOKS = 10;
const PAUSE_MS = 50;

export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** wrangler would not say who has a port that is taken. What else is wrong with it, wrangler says itself. */
export async function assertFree(port, ip) {
  const error = await whyNot(port, ip === "*" ? undefined : (ip ?? "127.0.0.1"));
  if (error?.code === "EADDRINUSE") throw new Problem(takenBy(port, await holderOf(port)));
}

/**
 * The error of whoever listens there now; null where that is possible. A port counts as in use where it stays so,
 * because another start's look has it for a moment too, and a server that was asked to end until it has.
 */
export async function whyNot(port, host) {
  for (let look = 1; ; look++) {
    const error = await errorOfListening(port, host);
    if (error?.code !== "EADDRINUSE" || look === LOOKS) return error;
    await sleep(PAUSE_MS);
  }
}

async function errorOfListening(port, host) {
  const probe = net.createServer().listen(port, host);
  try {
    await once(probe, "listening");
  } catch (error) {
    return error;
  }
  probe.close();
  await once(probe, "close");
  return null;
}

/** The sentence, for a `holderOf(port)`. */
export function takenBy(port, holder) {
  const other = port < 65_535 ? port + 1 : port - 1;
  // Another start may well have our workflows too.
  const state = holder?.start ? ` --persist-to .wrangler/state-${other}` : "";
  const another = `take another port: ${commands().startWith} --port ${other}${state}`;
  if (!holder) return `port ${port} is in use: stop what uses it, or ${another}`;
  const { process: one, start } = holder;
  const from = start && start.pid !== one.pid ? `, which another start began, process ${described(start)}` : "";
  const kill = `kill ${(start ?? one).pid}`;
  return `port ${port} is in use by process ${described(one)}${from}. End it (${kill}), or ${another}`;
}

const described = ({ pid, args }) =>
  `${pid} (${args.length > COLUMNS_MAX ? `${args.slice(0, COLUMNS_MAX)}...` : args})`;

/**
 * The process that listens on the port, and the start of ours from which it comes, if it does: `{ process, start }`.
 * Null where it can't be known, such as with a process of another user.
 */
export async function holderOf(port) {
  const pid = existsSync(TABLE) ? listenerInProc(port) : await listenerByLsof(port);
  if (pid === null) return null;
  const [one, ...ancestors] = await ancestry(pid);
  return one ? { process: one, start: [one, ...ancestors].find(({ args }) => START.test(args)) ?? null } : null;
}

/** Whether no process of this machine listens there. False also where that can't be known. */
export const isUnheard = (port) => existsSync(TABLE) && socketsOf(port).length === 0;

/** Linux: the sockets that listen there, as the kernel's tables name them. */
const socketsOf = (port) =>
  [TABLE, `${TABLE}6`]
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENS && Number.parseInt(local.split(":")[1], 16) === port)
    .map((fields) => `socket:[${fields[9]}]`);

/** The process that has such a socket open. */
function listenerInProc(port) {
  const sockets = socketsOf(port);
  if (sockets.length === 0) return null;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return Number(pids.find((pid) => openFiles(pid).some((target) => sockets.includes(target)))) || null;
}

function openFiles(pid) {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).map((name) => linkOf(`${folder}/${name}`));
  } catch {
    // It ended, or is another user's.
    return [];
  }
}

function linkOf(file) {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

async function listenerByLsof(port) {
  if (!which("lsof")) return null;
  const { stdout } = await capture("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"]);
  return Number(/^p(\d+)$/m.exec(stdout)?.[1]) || null;
}
