// The types of the client's answers and questions: names for what the OpenAPI document has.

import type { components } from "./openapi.js";

type Schemas = components["schemas"];

/** What to work on, and how. */
export type Submission = Schemas["Submission"];
export type Submitted = Schemas["Submitted"];
/** STATUS: how a workflow stands. */
export type Status = Schemas["StatusView"];
export type Restart = Schemas["Restart"];
export type Approve = Schemas["Approve"];
/** An entry of the list. */
export type Listed = Schemas["Listed"];
export type Page = Schemas["List"];
/** What `GET /` tells. */
export type Deployment = Schemas["IndexView"];

/** A problem document (RFC 9457). One of a proxy may have other fields. */
export interface Problem {
  /** `urn:orchestrator-workers:problem:` and the stable name of the problem. */
  type?: string;
  title?: string;
  status?: number;
  /** What to do about it, for people. */
  detail?: string;
  /** The field of the request that is wrong. */
  field?: string;
  [name: string]: unknown;
}

type JournaledName = Extract<keyof Schemas, `Event${string}`>;

/** An event of the journal. The stream can be resumed after its `id`. */
export type JournaledEvent = Schemas[JournaledName] & { id: string };
/** More text of one call: cut what you have of it to `from` characters, then append. */
export type DeltaEvent = Schemas["Delta"] & { id: null; type: "delta" };
/** How the reader's text goes on: cut what you have of it to `from` characters, then append. */
export type AnswerEvent = Schemas["AnswerText"] & { id: null; type: "answer" };
/** What happens to a workflow: told apart by `type`. */
export type Event = JournaledEvent | DeltaEvent | AnswerEvent;
export type EventType = Event["type"];

/** Which workflows: all that fit everything that is asked for. */
export interface Query {
  status?: Status["status"] | Status["status"][];
  /** Words of the prompt. */
  q?: string;
  /** The id of the workflow that they follow up. */
  parent?: string;
  created_after?: string;
  created_before?: string;
  metadata?: Record<string, string>;
  /** The entries of a page, at most 100. */
  limit?: number;
  /** The `next` of a page. */
  cursor?: string | null;
  signal?: AbortSignal;
}
