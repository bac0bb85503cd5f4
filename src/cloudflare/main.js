// The Worker's entry module: the calls of the platform, each guarded against a crash of the WebAssembly, and every
// answer readable for the pages that may read it.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { doorOf } from "../doors/paths.js";
import { neverFailing } from "./alarm-guard.js";
import { guarded, guardedStream } from "./crash-guard.js";
import { counted, drain, draining, unanswered, untilDrained } from "./drain.js";
import { Eraser } from "./eraser.js";
import { compare, takePart, takesPart } from "./fleet.js";
import { RustObject, working } from "./instance.js";

export { OrchestratorFleet } from "./fleet.js";

export default class Entry extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (!takesPart(this.env) && pathname === "/ready") return notReady();
    if (draining() && pathname !== "/health") return notReady();
    const core = (asked) => answered(() => working().fetch(asked, this.env, this.ctx));
    const door = doorOf(pathname);
    const response = await counted(
      () => (door ? through(door, request, this.ctx, core) : core(request)),
      request.signal,
    );
    return readable(isServed(this.env) ? untilDrained(response, door === undefined) : response, request);
  }
}

/** For the supervisor of `serve` (scripts/serve), by a socket of its own. */
export class Control extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/drain") {
      drain();
      return Response.json({ unanswered: unanswered() });
    }
    if (pathname === "/compare") return compare(request, this.env);
    if (pathname === "/member" || pathname === "/apart") takePart(pathname === "/member");
    return new Response(null, { status: 204 });
  }
}

export class OrchestratorWorkflow extends DurableObject {
  /** Made by the first call rather than by our constructor, so that a crash in the Rust constructor is answered too. */
  #rust = new RustObject((rust) => new rust.OrchestratorWorkflow(this.ctx, this.env));

  fetch(request) {
    return answered(async () => guardedStream(await this.#rust.working.fetch(request)));
  }

  /** Resolves even after a crash. The next alarm is then armed. */
  alarm(info) {
    return neverFailing(this.ctx, this.env, () => guarded(async () => this.#rust.working.alarm(info)));
  }
}

/** The index of a tenant: its list of workflows. */
export class OrchestratorTenant extends DurableObject {
  #rust = new RustObject((rust) => new rust.OrchestratorTenant(this.ctx, this.env));
  #eraser = new Eraser(this.ctx, this.env, isServed(this.env));

  async fetch(request) {
    const response = await answered(() => this.#rust.working.fetch(request));
    if (response.headers.has("x-erased")) this.#eraser.erased();
    return response;
  }
}

/** The answer of a door. Whether a page may ask is for the core to say, whichever of its paths is asked about. */
async function through(door, request, ctx, core) {
  const response = await (request.method === "OPTIONS"
    ? preflight(door, request, core)
    : // Another module of the bundle (src/doors/index.js), which the first of these requests loads.
      answered(async () => (await import("./doors.js")).answer(door.name, request, ctx, core)));
  // Headers, as the Rust entry leaves them; where it did not come to that, nothing.
  request.cors = Array.from(request.cors ?? [], ([name, value]) =>
    name === "access-control-expose-headers" ? [name, joined(value, door.exposedHeaders)] : [name, value],
  );
  return response;
}

async function preflight({ requestHeaders }, request, core) {
  const asked = new Request(new URL("/workflows", request.url), request);
  const response = await core(asked);
  request.cors ??= asked.cors;
  const answer = new Response(response.body, response);
  for (const methods of ["allow", "access-control-allow-methods"])
    if (answer.headers.has(methods)) answer.headers.set(methods, DOOR_METHODS);
  const headers = answer.headers.get("access-control-allow-headers");
  if (headers) answer.headers.set("access-control-allow-headers", joined(headers, requestHeaders));
  return answer;
}

const joined = (list, more) => (more ? `${list}, ${more}` : list);

/**
 * The response with the headers of CORS. The Rust entry leaves them on the request before it does anything else, so
 * that they are there for every answer, also for that of an object and after a crash.
 */
function readable(response, { cors }) {
  // A response that was fetched can't be changed.
  const answer = new Response(response.body, response);
  for (const [name, value] of cors ?? []) answer.headers.set(name, value);
  return answer;
}

/** The call's response, or an answer in place of one that crashed. */
async function answered(call) {
  try {
    return await guarded(call);
  } catch (error) {
    console.error("answered 500 after", error);
    return internalError();
  }
}

const DOOR_METHODS = "GET, HEAD, POST, DELETE, OPTIONS";

/** Whether this is a process of `serve` (scripts/serve): it may be asked to end, and its disk or bucket is its own. */
const isServed = ({ HOSTING }) => HOSTING === "serve" || HOSTING === "container";

/** Whoever asks is to go to another process, or to come back to the next one. */
const notReady = () =>
  new Response(
    JSON.stringify({
      type: "urn:orchestrator-workers:problem:unavailable",
      title: "Not available at the moment",
      status: 503,
      detail: draining() ? "this process is ending: repeat the request" : "this node is joining its fleet",
    }),
    {
      status: 503,
      headers: {
        "content-type": "application/problem+json",
        "cache-control": "no-store",
        "retry-after": "1",
        vary: "Origin",
      },
    },
  );

/** As `Problem::internal` of src/api/problem.rs writes it, which can't be asked after a crash. */
function internalError() {
  const problem = {
    type: "urn:orchestrator-workers:problem:internal-error",
    title: "Internal error",
    status: 500,
    detail: "something failed on our side; the workflow's journal is intact, so the request may be repeated",
  };
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "1" },
  });
}
