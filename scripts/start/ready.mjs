// Waits for the first answer of the server.

import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { ancestry } from "../lib/processes.mjs";
import { Problem } from "../lib/say.mjs";
import { holderOf, isUnheard } from "./port.mjs";

const PAUSE_MS = 100;
const ANSWER_MS_MAX = 10_000;
/** Answers of 5xx before it counts as broken for good; one is enough where it says what to mend. */
const ERRORS_MAX = 5;
const BODY_BYTES_MAX = 100_000;

/**
 * Resolves to true once the server answers, to false once `signal` ends the waiting. A `Problem` where it answers that
 * it can't work, as with a wrong variable: whoever asks again and again would only fill the log.
 *
 * `group` is the process group of our server: somebody else's answers count for nothing.
 */
export async function ready({ port, ip, https: secure, group }, signal) {
  for (let errors = 0; !signal.aborted; await sleep(PAUSE_MS)) {
    const answer = await ask(port, ip, secure, signal);
    if (answer === null || signal.aborted || !(await isOurs(port, group))) continue;
    if (answer.status < 500) return true;
    errors += 1;
    const problem = problemOf(answer);
    if (problem.type?.endsWith(":invalid-configuration") || errors >= ERRORS_MAX)
      throw new Problem(
        problem.detail
          ? `the Worker can't start: ${problem.detail}`
          : `the Worker answers GET /health with status ${answer.status}: ${answer.body.slice(0, 300)}`,
      );
  }
  return false;
}

/** `{ status, body }`, or null where nothing answers. */
function ask(port, ip, secure, signal) {
  const unspecified = [undefined, "*", "0.0.0.0", "::", "[::]", "localhost"].includes(ip);
  const host = unspecified ? "127.0.0.1" : ip.replace(/^\[(.*)\]$/, "$1");
  const options = {
    host,
    port,
    path: "/health",
    agent: false,
    rejectUnauthorized: false,
    signal,
    timeout: ANSWER_MS_MAX,
  };
  return new Promise((resolve) => {
    const request = (secure ? https : http).get(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        if (body.length < BODY_BYTES_MAX) body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, body })).on("error", () => resolve(null));
    });
    request
      .on("timeout", () => request.destroy())
      .on("error", () => resolve(null))
      .on("close", () => resolve(null));
  });
}

/** True also where it can't be known. What answers where nobody of this machine listens is of another one. */
async function isOurs(port, group) {
  const holder = await holderOf(port);
  if (holder === null) return !isUnheard(port);
  return (await ancestry(holder.process.pid)).some((one) => one.group === group);
}

function problemOf({ body }) {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
