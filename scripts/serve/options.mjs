// The command line of `serve`.

import { commands } from "../lib/command.mjs";
import { envFileNote } from "../lib/env-file.mjs";
import { parse } from "../lib/options.mjs";
import { fromReader } from "../lib/reader.mjs";
import { ConfigurationProblem } from "./exit.mjs";

export const DEFAULTS = { data: "orchestrator-data", host: "127.0.0.1", port: "8787", grace: "25" };
/** Those of a fleet. A node hands its objects over while it stops, which waits for calls of models. */
export const FLEET_DEFAULTS = { grace: "60", "cluster-address": "127.0.0.1:0" };
const OPTIONS = /** @type {const} */ ({
  data: { type: "string" },
  host: { type: "string" },
  port: { type: "string" },
  "env-file": { type: "string" },
  grace: { type: "string" },
  cluster: { type: "string" },
  "cluster-address": { type: "string" },
  advertise: { type: "string" },
  "new-configuration": { type: "boolean" },
  help: { type: "boolean", short: "h" },
});
/** What a supervisor above us may wait for. */
const GRACE_SECONDS_MAX = 600;

const BUCKET = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[\w.-]+)*$/;
const ADDRESS = /^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/;

/**
 * `{ data, host, port, envFile, graceMs, cluster }`, or null where only the help is wanted. `cluster` is null for one
 * node, and otherwise `{ bucket, address, advertise, replace }`.
 */
export function readOptions(args) {
  const given = parsed(args);
  if (given.help) return null;
  const cluster = clusterOf(given);
  const defaults = { ...DEFAULTS, ...(cluster ? FLEET_DEFAULTS : {}) };
  const { data, host, port, grace, "env-file": envFile } = { ...defaults, ...given };
  return {
    data: fromReader(data),
    host,
    port: whole("port", port, 0, 65_535),
    envFile: envFile === undefined ? undefined : fromReader(envFile),
    graceMs: whole("grace", grace, cluster ? 1 : 0, GRACE_SECONDS_MAX) * 1_000,
    cluster,
  };
}

function clusterOf({ cluster: bucket, ...given }) {
  if (bucket === undefined) {
    const other = ["cluster-address", "advertise", "new-configuration"].find((name) => given[name] !== undefined);
    if (other) throw new ConfigurationProblem(`--${other} needs --cluster s3://BUCKET/PREFIX`);
    return null;
  }
  if (!BUCKET.test(bucket)) throw new ConfigurationProblem(`--cluster ${bucket}: expected s3://BUCKET/PREFIX`);
  const { advertise, "new-configuration": replace = false } = given;
  const address = given["cluster-address"] ?? FLEET_DEFAULTS["cluster-address"];
  for (const [name, value] of Object.entries({ "cluster-address": address, advertise }))
    if (value !== undefined && !ADDRESS.test(value))
      throw new ConfigurationProblem(`--${name} ${value}: expected HOST:PORT`);
  if (/^(?:0\.0\.0\.0|\[::\]):/.test(address) && advertise === undefined)
    throw new ConfigurationProblem(
      `--cluster-address ${address} is no address that other nodes can reach: give theirs with --advertise HOST:PORT`,
    );
  return { bucket, address, advertise, replace };
}

function parsed(args) {
  try {
    return parse({ args, options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigurationProblem(`${error.message}. The options: ${commands().run("serve --help")}`);
  }
}

function whole(name, text, least, most) {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new ConfigurationProblem(`--${name} ${text}: expected a whole number from ${least} to ${most}`);
}

export function help() {
  const note = envFileNote("serve", 21);
  return `Usage: ${commands().serve} [options]

Serves the production environment on this machine, without an account, and keeps workflows on its disk.

  --data DIR         where workflows and the token are kept; ${DEFAULTS.data} in this folder unless given
  --host ADDRESS     the address to listen on; ${DEFAULTS.host} unless given. Another one needs API_TOKENS
  --port NUMBER      the port; ${DEFAULTS.port} unless given, 0 for a free one
  --env-file FILE    variables of the Worker, one NAME=VALUE per line; those of the shell come first${note}
  --grace SECONDS    how long requests may take to end after SIGTERM; ${DEFAULTS.grace} unless given

A node of a fleet, whose workflows are kept in a bucket (experimental, as workerd's clusters are):

  --cluster s3://BUCKET/PREFIX  the fleet's bucket. API_TOKENS, CLUSTER_KEY and the bucket's AWS_ variables are needed
  --cluster-address HOST:PORT   where it listens for other nodes, in a private network;
                                ${FLEET_DEFAULTS["cluster-address"]} unless given
  --advertise HOST:PORT         where other nodes reach it, if that is another address
  --new-configuration           this node's variables and version become those of the fleet
  --grace SECONDS               ${FLEET_DEFAULTS.grace} unless given

  --help

Variables such as MODEL_PROVIDER and OPENAI_API_KEY come from the shell or the file. Logs are JSON lines on the standard
output. SIGTERM ends it gracefully. Exit status: 0 asked to end, 1 failed, 75 the folder or the port is in use, 78 a
wrong option or variable.
`;
}
