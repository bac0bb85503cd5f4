// The variables of the Worker under `serve`: those of the shell, then those of --env-file.

import { parseEnv } from "node:util";
import { readEnvFile } from "../lib/env-file.mjs";
import { fromShell } from "../lib/variables.mjs";
import { ConfigurationProblem } from "./exit.mjs";

/** Of workerd, for the bucket of a fleet. */
const OF_BUCKET = [
  "AWS_ACCESS_KEY_ID",
  "AWS_ALLOW_HTTP",
  "AWS_CREDENTIALS_FILE",
  "AWS_ENDPOINT_URL",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
];
const KEY = "CLUSTER_KEY";
const KEY_BYTES_MIN = 32;

/** Those of the Worker that are set, by name. An empty one counts as unset. */
export const variablesFor = (envFile, shell = process.env) => setOf(fromShell, envFile, shell);

/** What `serve` hands to the Worker of them: without a provider it is the demo. */
export const asServed = (variables) => ({
  ...variables,
  MODEL_PROVIDER: variables.MODEL_PROVIDER ?? "demo",
});

/** What a node of a fleet needs beside them: `{ key, ofBucket }`, neither of which the Worker sees. */
export function clusterSecrets(envFile, shell = process.env) {
  const { [KEY]: key, ...ofBucket } = setOf(ofCluster, envFile, shell);
  if (Buffer.byteLength(key ?? "") < KEY_BYTES_MIN)
    throw new ConfigurationProblem(
      `--cluster needs ${KEY}, the same at least ${KEY_BYTES_MIN} bytes for all nodes: make it once with openssl ` +
        "rand -hex 32",
    );
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_CREDENTIALS_FILE: file } = ofBucket;
  if (!file && !(id && secret))
    throw new ConfigurationProblem(
      "--cluster needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_CREDENTIALS_FILE, of its bucket",
    );
  return { key, ofBucket };
}

const ofCluster = (env) => [KEY, ...OF_BUCKET].filter((name) => env[name]);

/** `namesIn(env)`: which of an environment are wanted. */
function setOf(namesIn, envFile, shell) {
  const file = envFile === undefined ? {} : parseEnv(readEnvFile(envFile));
  const entries = [file, shell].flatMap((from) => namesIn(from).map((name) => [name, from[name]]));
  return Object.fromEntries(entries);
}
