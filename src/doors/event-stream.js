// An event stream, whichever protocol its frames are of.

export const KEEP_ALIVE = ": keep-alive\n\n";

/** Of a stream of OpenAI's protocols, beside those of the answer. */
export const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/**
 * A body of the frames, each made when it is asked for. Whatever they wait for ends with `abort`. `ended` gets what the
 * generator returns, once the last byte was taken.
 *
 * @param {AsyncGenerator<string, any>} frames
 * @param {AbortController} abort
 * @param {(value: any) => void} [ended]
 */
export function bodyOf(frames, abort, ended = () => {}) {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await frames.next();
        if (!done) return controller.enqueue(encoder.encode(value));
        controller.close();
        abort.abort();
        ended(value);
      },
      // The client has left: nobody listens to the workflow any more.
      cancel: () => abort.abort(),
    },
    { highWaterMark: 0 },
  );
}
