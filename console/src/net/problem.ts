// Errors of the API: RFC 9457 problems, and whatever else a proxy may answer.

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

  static async of(response: Response): Promise<ApiProblem> {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : null;
    try {
      const body = JSON.parse(await response.text());
      const kind =
        String(body.type ?? "")
          .split(/[:/#]/)
          .pop() ?? "";
      const field = typeof body.field === "string" ? body.field : null;
      const [title, detail] = [String(body.title ?? ""), String(body.detail ?? "")];
      return new ApiProblem(response.status, kind, title, detail, retryAfter, field);
    } catch {
      return new ApiProblem(response.status, "", `The server answered with status ${response.status}`, "", retryAfter);
    }
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
