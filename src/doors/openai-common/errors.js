// Errors in OpenAI's form, `{"error": {"message", "type", "param", "code"}}`, as their clients read them: by the status
// first, then by `type` and `code`.

const URN = "urn:orchestrator-workers:problem:";

/** What a door answers instead of what was asked for. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message says what to do.
   * @param {{ type?: string, code?: string | null, param?: string | null, headers?: Record<string, string> }} [more]
   */
  constructor(status, message, { type, code = null, param = null, headers = {} } = {}) {
    super(message);
    this.status = status;
    this.type = type ?? typeOf(status);
    this.code = code;
    this.param = param;
    this.headers = headers;
  }

  get body() {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }

  /** @param {Record<string, string>} [headers] */
  response(headers = {}) {
    return Response.json(this.body, {
      status: this.status,
      headers: { "cache-control": "no-store", "x-content-type-options": "nosniff", ...this.headers, ...headers },
    });
  }
}

/** A request that is not as it has to be; `param` names where. */
export const badRequest = (message, param = null, code = null) => new Refusal(400, message, { param, code });

/** A thing that others do and this does not. */
export const unsupported = (message, param) => badRequest(message, param, "unsupported_parameter");

/** What our problems are called there. All others keep their own names, with `_` for `-`. */
const CODES = {
  "invalid-token": "invalid_api_key",
  "content-too-large": "request_too_large",
  "context-too-small": "context_length_exceeded",
  "too-many-subscribers": "rate_limit_exceeded",
};

/** Repeating the request mends none of these, but their clients would by the status alone. */
const STAYS = ["auth-not-configured", "invalid-configuration", "index-not-configured", "newer-journal"];

const typeOf = (status) => {
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
};

/**
 * What the core says, in OpenAI's form. `places` tells from which field of the door's request one of ours was made.
 *
 * @param {number} status
 * @param {{ type?: string, title?: string, detail?: string, field?: string } | null} problem
 * @param {{ retryAfterMs?: number | null, headers?: Headers, places?: Record<string, string> }} [more]
 */
export function ofProblem(status, problem, { retryAfterMs, headers, places = {} } = {}) {
  const name = problem?.type?.startsWith(URN) ? problem.type.slice(URN.length) : null;
  /** @type {Record<string, string>} */
  const told = {};
  const retryAfter = headers?.get("retry-after") ?? (retryAfterMs ? String(Math.ceil(retryAfterMs / 1_000)) : null);
  if (retryAfter !== null) told["retry-after"] = retryAfter;
  for (const copied of ["www-authenticate", "allow"]) {
    const value = headers?.get(copied);
    if (value) told[copied] = value;
  }
  if (STAYS.includes(name)) told["x-should-retry"] = "false";
  const words = problem?.detail ?? problem?.title ?? `the server answered ${status}`;
  return new Refusal(status, inTheirWords(words, places), {
    code: name === null ? null : (CODES[name] ?? name.replaceAll("-", "_")),
    param: placeOf(problem?.field, places),
    headers: told,
  });
}

/** The caller has not sent `options.output_schema`, with which a sentence begins, but what it was made of. */
function inTheirWords(words, places) {
  const own = Object.keys(places).find((name) => /[._]/.test(name) && words.startsWith(name));
  return own === undefined ? words : places[own] + words.slice(own.length);
}

/** A field within one of ours, such as `metadata.a` or `history[3]`, is of the same place. */
function placeOf(field = "", places = {}) {
  const own = Object.keys(places).find(
    (name) => field === name || (field.startsWith(name) && /^[.[]/.test(field.slice(name.length))),
  );
  return own === undefined ? null : places[own];
}

/** Of a response of the core that is no success. */
export async function ofResponse(response) {
  const problem = await response.json().catch(() => null);
  return ofProblem(response.status, problem, { headers: response.headers });
}

/**
 * Whatever was thrown, as a refusal.
 *
 * @param {Record<string, string>} [places] as for `ofProblem`
 */
export function refusalOf(error, places = {}) {
  if (error instanceof Refusal) return error;
  // An OrchestratorError of the client.
  if (error?.status >= 400)
    return ofProblem(error.status, error.problem ?? { detail: error.message }, {
      retryAfterMs: error.retryAfterMs,
      places,
    });
  console.error("a door answers 500 after", error);
  return new Refusal(500, "something failed on our side: a run that was begun goes on, and the same request joins it", {
    code: "internal_error",
    headers: { "retry-after": "1" },
  });
}

/** Why the workflow has no answer, or null. Where that is an end, a repetition of the request gives the same. */
export function ofEnd(status) {
  const headers = { "x-should-retry": "false" };
  if (status.status === "errored") {
    const { name, message } = status.error ?? {};
    return new Refusal(name === "ContextTooSmall" ? 400 : 500, message ?? "the workflow failed", {
      code: name ?? "workflow_errored",
      headers,
    });
  }
  // The AI SDK repeats a 409 and LangChain.js a 410, and would begin anew what somebody has ended.
  if (status.status === "terminated")
    return new Refusal(
      400,
      "the workflow was terminated before it had an answer: send the request again, with another Idempotency-Key if " +
        "it had one",
      { code: "workflow_terminated", headers },
    );
  // Its events ended, and it has not: the server ends, or somebody has restarted it.
  if (status.status !== "complete")
    return new Refusal(503, "the connection to the run ended: it goes on, and the same request joins it", {
      code: "unavailable",
      headers: { "retry-after": "1" },
    });
  return null;
}
