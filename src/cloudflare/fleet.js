// A node of a fleet (`serve --cluster`, scripts/serve/fleet.mjs): whether it takes part, and what all nodes must have
// in common. Elsewhere nothing binds the namespace, so every process counts as a member.

import { DurableObject } from "cloudflare:workers";

const NAME = "configuration";
let isMember = false;

/** Whether requests should be sent here, as far as the fleet goes. */
export const takesPart = (env) => isMember || env.ORCHESTRATOR_WORKERS_FLEET === undefined;

/** Told by the supervisor, who asks workerd. */
export function takePart(is) {
  isMember = is;
}

/** Compares this node's configuration with the fleet's: `{ differing }`, names of what differs. */
export function compare(request, env) {
  const namespace = env.ORCHESTRATOR_WORKERS_FLEET;
  return namespace.get(namespace.idFromName(NAME)).fetch("http://fleet/", { method: "POST", body: request.body });
}

/** Keeps the configuration of the fleet: digests by name, never a value. The first node's counts. */
export class OrchestratorFleet extends DurableObject {
  async fetch(request) {
    const { configuration, replace } = await request.json();
    const known = await this.ctx.storage.get(NAME);
    const names = [...new Set([...Object.keys(known ?? {}), ...Object.keys(configuration)])];
    const differing = known ? names.filter((name) => known[name] !== configuration[name]).sort() : [];
    // An answer is sent once the write is confirmed.
    if (!known || (replace && differing.length > 0)) await this.ctx.storage.put(NAME, configuration);
    return Response.json({ differing });
  }
}
