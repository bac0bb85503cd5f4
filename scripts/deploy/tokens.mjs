// The first token of a deployment.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { quoted } from "../lib/command.mjs";
import { replyTo } from "../lib/question.mjs";
import { say } from "../lib/say.mjs";

const TOKENS = "API_TOKENS";
/** The tenant of the token that is made. */
const OWNER = "me";
/** A new address, or a new secret, may take so long to be known everywhere. */
const KNOWN_WITHIN_MS = 90_000;
const ASK_EVERY_MS = 1_000;
const ANSWER_MS_MAX = 10_000;
/** Of a deployment that does not know its token yet. */
const NOT_YET = [401, 503];

/**
 * Makes one where there is none and the reader agrees; prints the commands where nobody can be asked. `flags` name the
 * Worker. Resolves to the exit code.
 */
export async function offerToken({ flags, url, wrangler, shown, terminal }) {
  const { has, why } = await tokensOf(flags, wrangler);
  if (has === true) return 0;
  const closed =
    has === null
      ? `Whether it has ${TOKENS} can't be seen (${why}). Without them it is closed. This makes one, in place of all`
      : "Closed until it has tokens, NAME:TOKEN each. Make one, and keep it";
  const commands = `\n${closed}:

  TOKEN=$(openssl rand -hex 32); echo $TOKEN
  echo "${OWNER}:$TOKEN" | ${shown(
    `secret put ${TOKENS} ${flags
      .map(quoted)
      .join(" ")
      .replace(/=(?= |$)/, '=""')}`,
  )}
`;
  // Where the list can't be had, nothing may be overwritten.
  if (has === null || !terminal.isInteractive || !(await agrees(terminal))) {
    say(commands);
    return 0;
  }
  const token = randomBytes(32).toString("hex");
  const { code, stdout, stderr } = await wrangler.read(["secret", "put", TOKENS, ...flags], `${OWNER}:${token}\n`);
  if (code !== 0) {
    say(`${stdout}${stderr}\nerror: the token was not put\n${commands}`);
    return code;
  }
  const known = url !== null && (await isKnown(url, token));
  say(firstRequest(url, token, known));
  return 0;
}

/** Whether the deployment has tokens: `{ has, why }`. Null where that can't be known, and `why` says why. */
async function tokensOf(flags, wrangler) {
  const { code, stdout, stderr } = await wrangler.read(["secret", "list", ...flags, "--format=json"]);
  const [why] = `${stderr ?? ""}\n${stdout}`
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const unknown = { has: null, why: why ?? `wrangler secret list ended with ${code}` };
  if (code !== 0) return unknown;
  try {
    // A notice may stand before it.
    return { has: JSON.parse(stdout.slice(stdout.search(/^\[/m))).some(({ name }) => name === TOKENS), why: "" };
  } catch {
    return unknown;
  }
}

async function agrees({ input, output }) {
  const question = `\nThe deployment has no ${TOKENS}, so it is closed. Make a token and show it once? [Y/n] `;
  const reply = await replyTo(question, { input, output });
  return reply !== null && /^\s*(y|yes)?\s*$/i.test(reply);
}

/** Waits until the address answers, and then until it knows the token. */
async function isKnown(url, token) {
  say(`\nWaiting for ${url} ...`);
  const headers = { authorization: `Bearer ${token}` };
  const deadline = Date.now() + KNOWN_WITHIN_MS;
  return (
    (await comesTrue(deadline, async () => (await ask(`${url}/health`)) === 200)) &&
    (await comesTrue(deadline, async () => {
      const status = await ask(`${url}/workflows?limit=1`, headers);
      return status !== null && !NOT_YET.includes(status);
    }))
  );
}

async function comesTrue(deadline, condition) {
  for (;;) {
    if (await condition()) return true;
    if (Date.now() > deadline) return false;
    await sleep(ASK_EVERY_MS);
  }
}

/** The status, or null where there is no answer. */
async function ask(url, headers = {}) {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}

function firstRequest(url, token, known) {
  const address = url ?? "https://YOUR-WORKER.YOUR-SUBDOMAIN.workers.dev";
  const late = "\nIt does not answer with this token yet. New addresses take a minute or two: try again then.\n";
  return `${known ? "" : late}
The console, with its token:

  ${address}/#token=${token}

A first request:

  curl ${address} -H "Authorization: Bearer ${token}" -H "Prefer: wait=60" -H "Accept: text/markdown" \\
    -d '{"prompt": "Plan a zero-downtime move from MySQL to PostgreSQL"}'

Keep the token: a secret can be replaced, not read.
`;
}
