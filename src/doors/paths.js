// Which paths are those of doors: all that a request of our own API has to know of them, and all of them that is loaded
// at the start. A door is chosen by its path alone, so that what is in a request never decides who reads it.

/**
 * @typedef {object} Paths
 * @property {(pathname: string) => boolean} matches
 * @property {string} [requestHeaders] what pages may send, beside the headers of our own API
 */

/**
 * By the name that the door has in index.js, in the order in which they are asked.
 * @type {Record<string, Paths>}
 */
export const PATHS = {};

/** The name of the door that answers this path, and its `requestHeaders`; undefined where the path is our own. */
export function doorOf(pathname) {
  const found = Object.entries(PATHS).find(([, { matches }]) => matches(pathname));
  return found && { name: found[0], requestHeaders: found[1].requestHeaders };
}
