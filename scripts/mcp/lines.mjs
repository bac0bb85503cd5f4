// Lines of a stream. Not by node:readline, which also ends a line at U+2028, as JSON may have it within a text.

/** The most characters of a message: the server takes 1 MiB. */
const LINE_CHARS_MAX = 16 * 1024 * 1024;

/** The lines of a readable, the last one also without its end. A line that is too long comes as its beginning. */
export async function* linesOf(readable) {
  readable.setEncoding("utf8");
  let rest = "";
  for await (const chunk of readable) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop().slice(0, LINE_CHARS_MAX);
    yield* lines;
  }
  if (rest !== "") yield rest;
}
