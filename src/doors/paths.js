// Which paths are those of doors: all that a request of our own API has to know of them, and all of them that is loaded
// at the start. A door is chosen by its path alone, so that what is in a request never decides who reads it.

/**
 * @typedef {object} Paths
 * @property {(pathname: string) => boolean} matches
 * @property {string} [requestHeaders] what pages may send, beside the headers of our own API
 * @property {string} [exposedHeaders] what pages may read, beside those
 */

/** What OpenAI's libraries send beside the request. */
const OF_OPENAI = {
  requestHeaders:
    "openai-organization, openai-project, x-stainless-arch, x-stainless-async, x-stainless-helper-method, " +
    "x-stainless-lang, x-stainless-os, x-stainless-package-version, x-stainless-poll-helper, " +
    "x-stainless-custom-poll-interval, x-stainless-retry-count, x-stainless-runtime, x-stainless-runtime-version, " +
    "x-stainless-timeout",
  exposedHeaders: "x-workflow-id, x-workflow-url, x-workflow-joined, x-workflow-warning, x-request-id, x-should-retry",
};

/**
 * By the name that the door has in index.js, in the order in which they are asked.
 * @type {Record<string, Paths>}
 */
export const PATHS = {
  mcp: {
    // Some clients are told, or add, a slash.
    matches: (pathname) => pathname === "/mcp" || pathname === "/mcp/",
    requestHeaders: "mcp-protocol-version, mcp-method, mcp-name",
  },
  openai: {
    // All that is nobody else's: its clients ask for more than there is, and read no other errors.
    matches: (pathname) => /^\/v1\/(?!access$|responses(\/|$))./.test(pathname),
    ...OF_OPENAI,
  },
  responses: { matches: (pathname) => /^\/v1\/responses(\/.*)?$/.test(pathname), ...OF_OPENAI },
  uiStream: {
    // An id or, at the root, a word that is none.
    matches: (pathname) =>
      /^\/(workflows\/)?[^/]+\/ui-message-stream$/.test(pathname) && pathname !== "/workflows/ui-message-stream",
    exposedHeaders: "x-vercel-ai-ui-message-stream",
  },
};

/** The door that answers this path, with its name; undefined where the path is our own. */
export function doorOf(pathname) {
  const found = Object.entries(PATHS).find(([, { matches }]) => matches(pathname));
  return found && { name: found[0], ...found[1] };
}
