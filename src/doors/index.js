// The doors: protocols of others, a folder each, which translate to and from our own API. Together they are a module of
// their own, doors.js beside main.js, which the first request for one of them loads: what every isolate loads at its
// start stays small. So nothing here may import what main.js has too, whose state would then be there twice; the build
// refuses that. Which paths are a door's stands in paths.js.

import { makeInside } from "./inside.js";
import { mcp } from "./mcp/index.js";
import { openai } from "./openai/index.js";
import { responses } from "./responses/index.js";
import { uiStream } from "./ui-stream/index.js";

/**
 * @typedef {object} Door
 * @property {(request: Request, inside: import("./inside.js").Inside) => Promise<Response>} fetch
 */

/**
 * By the names of paths.js.
 * @type {Record<string, Door>}
 */
export const DOORS = { mcp, openai, responses, uiStream };

/** What main.js asks for; the parameters after the name are those of `makeInside`. */
export const answer = (name, request, ctx, core) => DOORS[name].fetch(request, makeInside(request, ctx, core));
