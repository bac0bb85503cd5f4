// Server-sent events (the HTML Standard, section 9.2) from a body whose chunks split anywhere.

/** @type {{ id: string | null, event: string, data: any }} */
const EMPTY = { id: null, event: "message", data: null };
/** The server sends a sign of life every 15 s. */
const SILENCE_MS = 40_000;
/** A line of an event holds at most a model's answer or a journal's specification. */
const LINE_CHARS_MAX = 32 * 1024 * 1024;

/**
 * A push parser. `id` is that which stands in the very frame, because a stream resumes after it; null where there is
 * none.
 *
 * @returns {(chunk: string) => { id: string | null, event: string, data: string }[]} the frames that a chunk completes
 */
export function makeParser() {
  let rest = "";
  let half = false;
  let frame = EMPTY;
  return (chunk) => {
    rest += chunk;
    if (rest.length > LINE_CHARS_MAX) throw new RangeError("the line is too long");
    // A long line comes in many chunks, each of which is looked at once.
    if (!half && !/[\r\n]/.test(chunk)) return [];
    // A CR at the end may be the first half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = /** @type {string} */ (lines.pop());
    half = rest.endsWith("\r");
    const frames = [];
    for (const line of lines) {
      if (line === "") {
        if (frame.data !== null) frames.push(frame);
        frame = EMPTY;
        continue;
      }
      const [, field, value = ""] = /** @type {string[]} */ (/^([^:]*):? ?(.*)$/s.exec(line));
      if (field === "data" && frame.data !== null) frame = { ...frame, data: `${frame.data}\n${value}` };
      else if (field in EMPTY) frame = { ...frame, [field]: value };
    }
    return frames;
  };
}

/**
 * The frames of an event stream until it ends, or nothing at all comes for too long. Throws where it breaks off, and
 * the reason of a signal that is aborted. Whoever leaves the loop closes the stream.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {AbortSignal} [signal]
 */
export async function* framesOf(body, signal) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const push = makeParser();
  // The pending read then ends, whatever the body is made of.
  const cancel = () => reader.cancel().catch(() => {});
  let heard = true;
  const watch = setInterval(() => {
    if (!heard) cancel();
    heard = false;
  }, SILENCE_MS);
  signal?.addEventListener("abort", cancel);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      heard = true;
      signal?.throwIfAborted();
      if (done) return;
      for (const frame of push(decoder.decode(value, { stream: true }))) {
        yield frame;
        signal?.throwIfAborted();
      }
    }
  } finally {
    clearInterval(watch);
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}
