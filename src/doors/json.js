// JSON as front ends and agents send it.

/** The escape of half a character, or of both of its halves: of the latter nearly all texts are. */
const HALF = /\\u[dD][89a-fA-F]/;
/** Any escape, so that a backslash that is escaped itself begins none; first the pairs. */
const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|.)/gs;
/** The length of one, such as `\\ud83d`. */
const LENGTH = 6;

/**
 * The value of a JSON text. Front ends cut texts within a character, and the core takes no half of one: each becomes
 * U+FFFD, as UTF-8 has it. Throws where it is no JSON.
 */
export const parse = (text) =>
  JSON.parse(HALF.test(text) ? text.replace(ESCAPE, (found) => (found.length === LENGTH ? "\\ufffd" : found)) : text);
