// Errors as strict clients of Open Responses read them: `code` and `param` may be null by the specification, but
// `@ai-sdk/open-responses` shows no message then. A text is right for all.

/** The object in `error`. */
export const errorOf = ({ type, code, message, param }) => ({ type, code: code ?? type, message, param: param ?? "" });

/**
 * @param {import("../openai-common/errors.js").Refusal} refusal
 * @param {Record<string, string>} [headers]
 */
export function refused(refusal, headers = {}) {
  const { status } = refusal;
  const all = { "cache-control": "no-store", ...headers, ...refusal.headers };
  return Response.json({ error: errorOf(refusal) }, { status, headers: all });
}
