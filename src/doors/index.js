// The doors: protocols of others, a folder each, which translate to and from our own API. main.js asks here first. A
// door is chosen by its path alone, so that what is in a request never decides who reads it.

import { mcp } from "./mcp/index.js";
import { openai } from "./openai/index.js";
import { responses } from "./responses/index.js";
import { uiStream } from "./ui-stream/index.js";

/**
 * @typedef {object} Door
 * @property {(pathname: string) => boolean} matches
 * @property {string} [requestHeaders] what pages may send, beside the headers of our own API
 * @property {(request: Request, inside: import("./inside.js").Inside) => Promise<Response>} fetch
 */

/** @type {Door[]} */
const DOORS = [mcp, openai, responses, uiStream];

/** The door that answers this path, if any. */
export const doorOf = (pathname) => DOORS.find((door) => door.matches(pathname));
