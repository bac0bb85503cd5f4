// A node of a fleet: whether workerd holds its place in the cluster, and whether the node has what all have.
//
// The fleet keeps digests of its configuration in a Durable Object of its own (src/cloudflare/fleet.js), so that the
// nodes compare without a client for the bucket. Whoever can't reach that object can't reach workflows either.

import { createHash, createHmac } from "node:crypto";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../lib/say.mjs";
import { CLASSES } from "./config.mjs";
import { ConfigurationProblem } from "./exit.mjs";
import { log } from "./logs.mjs";

const LOOK_EVERY_MS = 1_000;
const LOOK_MS_MAX = 3_000;
const COMPARE_MS_MAX = 15_000;
/** When somebody who waits is told so. */
const PATIENCE_MS = 5_000;

/** What must be the same for all nodes, as digests, because a value may be a secret, and keyed, as it may be short. */
export function configurationOf({ variables, version, key }) {
  const digest = (value) => createHmac("sha256", key).update(value).digest("hex");
  const all = { ...variables, version, classes: CLASSES.join() };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, digest(value)]));
}

/**
 * What a node does each time that its workerd listens: it joins, then keeps GET /ready true. `joined(port)` is called
 * each time that it is a member, `fail(problem)` where it can't be one. `ask(path, body, timeoutMs)` is answered by the
 * entrypoint Control. `known`: the digest of the configuration with which an earlier process of the node was a member,
 * as `remember` was told it.
 */
export function membership({ cluster, configuration, ask, joined, fail, known, remember }) {
  let wasMember = false;
  const digest = createHash("sha256").update(JSON.stringify(configuration)).digest("hex");
  return async ({ port, clusterPort, signal }) => {
    try {
      const isUnchanged = known === digest;
      if (!(await join({ ...cluster, configuration, ask, signal, wasMember, isUnchanged }))) return;
      wasMember = true;
      remember(digest);
      joined(port);
      await follow({ ask, address: localAddress(cluster.address, clusterPort), signal });
    } catch (error) {
      fail(error);
    }
  };
}

/**
 * Resolves to true once the fleet has this node, whose configuration is compared, or has replaced the fleet's
 * (`replace`). A node that was a member before is not sent away, nor one that starts again as it was then: in a rolling
 * change the others may be ahead of it, and a bucket may be away for long.
 */
async function join({ ask, configuration, replace, bucket, signal, wasMember, isUnchanged, joinMsMax }) {
  const began = Date.now();
  const body = JSON.stringify({ configuration, replace: replace && !wasMember });
  for (let isSaid = false; ; ) {
    const answer = await ask("/compare", body, COMPARE_MS_MAX);
    if (signal.aborted) return false;
    if (answer?.status === 200) {
      const { differing } = JSON.parse(answer.text);
      if (differing.length > 0 && !replace && !wasMember && !isUnchanged)
        throw different(differing, Object.keys(configuration), bucket);
      if (differing.length > 0) log("warn", "fleet_configuration", { differing, is_replaced: replace && !wasMember });
      await ask("/member", "", COMPARE_MS_MAX);
      return true;
    }
    const waitedMs = Date.now() - began;
    if (waitedMs > joinMsMax && !wasMember) throw unreachable(bucket);
    if (waitedMs > PATIENCE_MS && !isSaid) {
      log("info", "fleet_joining", { message: "waiting for the node that has the configuration, or for its lease" });
      isSaid = true;
    }
    await sleep(LOOK_EVERY_MS, null, { signal }).catch(() => {});
    if (signal.aborted) return false;
  }
}

function different(differing, own, bucket) {
  if (own.every((name) => differing.includes(name)))
    return new ConfigurationProblem(`the CLUSTER_KEY of this node is not that of its fleet in ${bucket}`);
  return new ConfigurationProblem(
    `this node differs from its fleet in ${bucket}: ${differing.join(", ")}. All nodes need the same; if the others ` +
      "are to follow this one, start it with --new-configuration",
  );
}

/** No problem of the configuration, because a network may mend itself. */
const unreachable = (bucket) =>
  new Problem(
    `the other nodes of ${bucket} do not answer this one: its CLUSTER_KEY differs from theirs, its clock is off by ` +
      "more than 30 s, or it can't reach the addresses that they advertise",
  );

/** For who starts the first node and can't: of the words of workerd, which repeats itself. */
export const bucketProblem = (bucket, words) =>
  `the bucket ${bucket} can't be used: check its name, AWS_ENDPOINT_URL, AWS_REGION and the access key. It says: ` +
  words.filter((word, index) => words.indexOf(word) === index).join("; ");

/** Keeps the Worker's GET /ready to what workerd says of its place in the cluster, until `signal`. */
async function follow({ ask, address, signal }) {
  for (let was = true; !signal.aborted; ) {
    await sleep(LOOK_EVERY_MS, null, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const is = await isReady(address);
    if (is === was || signal.aborted) continue;
    if (await ask(is ? "/member" : "/apart", "", LOOK_MS_MAX)) was = is;
  }
}

function isReady({ host, port }) {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path: "/ready", timeout: LOOK_MS_MAX, agent: false });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
  });
}

/** Where this machine reaches what listens on the address HOST:PORT, whose port workerd has told. */
function localAddress(address, port) {
  const host = address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
  return { host: { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host, port };
}
