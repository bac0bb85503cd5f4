// JSON as front ends and agents send it.

/** Half of a character, in JSON's escapes or as it may stand in a text. */
const HALF = /\\u[dD][89a-fA-F]|\p{Surrogate}/u;

/**
 * The value of a JSON text. Front ends cut texts within a character, and the core takes no half of one: each becomes
 * U+FFFD, as UTF-8 has it. Throws where it is no JSON.
 */
export const parse = (text) =>
  HALF.test(text)
    ? JSON.parse(text, (_, value) => (typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value))
    : JSON.parse(text);
