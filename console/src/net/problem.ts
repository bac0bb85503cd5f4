// Errors of the API: RFC 9457 problems, and whatever else a proxy may answer.

import { OrchestratorError } from "../../../client/index.js";
import { sentence } from "../workflow/words";

export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    /** The last part of the problem's type: `invalid-token`. Empty where the answer was no problem document. */
    readonly kind: string,
    readonly title: string,
    readonly detail: string,
    readonly retryAfterMs: number | null = null,
    /** The field of the request that is wrong, by its name in the API. */
    readonly field: string | null = null,
  ) {
    super(detail || title);
  }

  /** A token is needed, another one than we have, or the deployment has none configured yet. */
  get isAuth(): boolean {
    return this.status === 401 || (this.status === 503 && this.kind === "auth-not-configured");
  }

  static from({ status, kind, problem, retryAfterMs }: OrchestratorError): ApiProblem {
    const { title = `The server answered with status ${status}`, detail = "", field = null } = problem ?? {};
    return new ApiProblem(status, kind, title, detail, retryAfterMs, field);
  }

  static async of(response: Response): Promise<ApiProblem> {
    return ApiProblem.from(await OrchestratorError.of(response));
  }
}

/** What to tell a person about anything that was thrown. */
export function wordsFor(error: unknown): { title: string; detail: string } {
  if (error instanceof ApiProblem) {
    const title = error.title || `The server answered with status ${error.status}`;
    return { title, detail: sentence(error.detail) };
  }
  return { title: "The server could not be reached", detail: "Check the connection and try again." };
}
