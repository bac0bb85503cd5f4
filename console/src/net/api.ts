// Requests to our own origin, with the token where there is one.

import { OrchestratorClient, OrchestratorError, pathOf } from "../../../client/index.js";
import { local, session } from "../lib/storage";
import { createStore } from "../lib/store";
import type { Page } from "../list/entries";
import type { Plan } from "../workflow/events";
import type { Measured } from "../workflow/state";
import { ApiProblem } from "./problem";

export interface Info {
  name: string;
  version: string;
  environment: string;
  provider: string;
  big: string[];
  small: string[];
  /** Of the options that a submission leaves out. Null where the server does not tell. */
  defaults: Defaults | null;
}

export interface Defaults {
  max_subtasks: number;
  max_concurrency: number;
  token_budget?: number | null;
}

const TOKEN = "orchestrator.token";

const saved = (): string | null => session.get(TOKEN) ?? local.get(TOKEN);

/** For the session, or on this device where the person wants it. */
export const token = createStore<string | null>(saved());

/** Whether other tabs, and this browser tomorrow, have it too. */
export const isKept = (): boolean => local.get(TOKEN) !== null;

export { pathOf };

/** The refusal that asks for a token, until one is given. */
export const locked = createStore<ApiProblem | null>(null);

/** Null forgets it everywhere. */
export function setToken(value: string | null, keep = false): void {
  session.set(TOKEN, value);
  local.set(TOKEN, keep ? value : null);
  use(value);
}

/**
 * Takes the token of a link such as `serve` prints, `#token=...`, which no request sends. It leaves the address at
 * once, because addresses are copied and kept. A token that is there already stays: a link of somebody else must not
 * make this browser send its prompts to that one's workflows.
 */
export function takeFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  // The router has read the address already.
  dispatchEvent(new PopStateEvent("popstate"));
  if (token.get() === null) setToken(given);
  else offered = given;
}

/** Of a link, while another token is there: for when that is refused. */
let offered: string | null = null;

function use(value: string | null): void {
  token.set(value);
  locked.set(null);
}

// Another tab of this browser keeps one from now on, or forgets it for all.
addEventListener("storage", (event) => {
  if (event.key !== TOKEN) return;
  if (event.newValue === null && token.get() === event.oldValue) {
    session.set(TOKEN, null);
    use(null);
  } else if (token.get() === null) use(saved());
});

/** The raw answer, for streams. Adds the token, and throws only where the network fails. */
export function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const bearer = token.get();
  if (bearer) headers.set("authorization", `Bearer ${bearer}`);
  return fetch(path, { ...init, headers, credentials: "same-origin", cache: "no-store" });
}

/** A person sees at once what came of a click, and clicks again. */
export const client = new OrchestratorClient({ fetch: send, patienceMs: 0, refusedMs: 0 });

/** What the client asked for. `opens`: whoever is answered wants no token any more. */
async function seen<T>(asked: Promise<T>, opens = true): Promise<T> {
  try {
    const answer = await asked;
    if (opens) opened();
    return answer;
  } catch (error) {
    throw error instanceof OrchestratorError ? noticed(ApiProblem.from(error)) : error;
  }
}

/** A refusal for want of a token opens the token field, wherever it came from. */
export function noticed(problem: ApiProblem): ApiProblem {
  if (problem.isAuth) locked.set(problem);
  if (problem.isAuth && offered !== null) {
    setToken(offered);
    offered = null;
  }
  return problem;
}

/** Something that asks for a token has answered: none is wanted any more. `GET /` is open to all and tells nothing. */
export const opened = (): void => locked.set(null);

export interface Submission {
  prompt: string;
  follow_up_to?: string;
  options?: Record<string, unknown>;
  metadata?: Record<string, string>;
  tasks?: Plan["tasks"];
  /** What goes with the tasks. */
  form?: Plan["form"];
  shared?: Plan["shared"];
  borders?: Plan["borders"];
  criteria?: Plan["criteria"];
}

export const submit = async (submission: Submission): Promise<string> =>
  (await seen(client.submit(submission as Parameters<typeof client.submit>[0]))).id;

export type ControlName = "pause" | "resume" | "terminate" | "restart" | "approve";

export const control = (id: string, name: ControlName, body?: unknown): Promise<unknown> =>
  seen((client as Record<ControlName, (id: string, body?: unknown) => Promise<unknown>>)[name](id, body));
/** `withFollowUps`: also all workflows that go on with its answer. */
export const remove = (id: string, followUps = false): Promise<unknown> => seen(client.delete(id, { followUps }));
export const status = (id: string, fields?: string): Promise<unknown> => seen(client.status(id, { fields }));

/** A page of the tenant's workflows. */
export const workflows = (query: string, signal: AbortSignal): Promise<Page> =>
  seen(client.page({ ...Object.fromEntries(new URLSearchParams(query)), signal })) as Promise<Page>;

/** How long the answer is. Null where the server does not tell: the page does without. */
export async function measure(id: string): Promise<Measured | null> {
  try {
    return ((await client.status(id, { fields: "answer" })).answer as Measured | undefined) ?? null;
  } catch {
    return null;
  }
}

export interface Lineage {
  run: number;
  /** The workflow that it follows up. */
  parent: { id: string; run: number } | null;
}

/** Where a workflow comes from. `gone`: there is none of this id. Null where nobody can tell. */
export async function lineage(id: string): Promise<Lineage | "gone" | null> {
  try {
    const { run, parent = null } = await client.status(id, { fields: "run,parent" });
    return run ? { run, parent } : null;
  } catch (error) {
    return error instanceof OrchestratorError && error.status === 404 ? "gone" : null;
  }
}

export async function info(): Promise<Info> {
  const body = (await seen(client.describe(), false)) as unknown as Record<string, unknown>;
  const models = (body.models ?? {}) as Record<string, unknown>;
  return {
    name: String(body.name ?? "Orchestrator Workers"),
    version: String(body.version ?? ""),
    environment: String(body.environment ?? ""),
    provider: String(body.provider ?? ""),
    big: names(models.big ?? models.big_models),
    small: names(models.small ?? models.small_models),
    defaults: (body.defaults as Defaults | undefined) ?? null,
  };
}

function names(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return list
    .map((entry) => (typeof entry === "string" ? entry.trim() : String((entry as { name?: unknown })?.name ?? "")))
    .filter(Boolean);
}
