// The end of a process that `serve` (scripts/serve) was asked to end: it is not ready for more, and event streams,
// which would keep it for as long as workflows run, are closed in order, so that their clients go on with the next
// process. Those of doors are broken off: in other protocols a stream that ends in order has told everything.

/** Ends each stream that is open. */
const open = new Set();
let isDraining = false;
let inFlight = 0;

const FAREWELL = new TextEncoder().encode(": this process ends: go on with the next one\nretry: 1000\n\n");
const LINE_FEED = 10;

/** Nobody should send requests here any more. */
export const draining = () => isDraining;

export function drain() {
  isDraining = true;
  for (const end of open) end();
  open.clear();
}

/** The answer of `call`, which counts as long as it is not there, and somebody waits for it. */
export async function counted(call, signal) {
  inFlight += 1;
  let done = () => {
    inFlight -= 1;
    done = ignore;
  };
  // Nothing of a request runs any more once its client has gone.
  signal?.addEventListener("abort", () => done(), { once: true });
  try {
    return await call();
  } finally {
    done();
  }
}

/** How many requests have no answer yet. */
export const unanswered = () => inFlight;

/** The response, whose event stream ends once the process is to end: in order, or broken off. */
export function untilDrained(response, inOrder = true) {
  if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const { readable, writable } = new IdentityTransformStream();
  const [reader, writer] = [response.body.getReader(), writable.getWriter()];
  let isOver = false;
  let end;
  // A promise, because another request asks for it: see crash-guard.js. What reads is then at the end of its stream.
  new Promise((resolve) => {
    end = resolve;
  })
    .then(() => {
      isOver = true;
      return reader.cancel();
    })
    .catch(ignore);
  if (isDraining) end();
  else open.add(end);
  // The client left.
  writer.closed.catch((error) => reader.cancel(error)).catch(ignore);
  pump(reader, writer, () => isOver, inOrder)
    .catch(ignore)
    .finally(() => open.delete(end));
  return new Response(readable, response);
}

async function pump(reader, writer, isOver, inOrder) {
  // Of the last bytes: an event ends with an empty line. One that is not whole is dropped by whoever reads it.
  let [last, before] = [LINE_FEED, LINE_FEED];
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        // A read that is under way when its stream is cancelled fails.
        if (isOver()) return { done: true, value: null };
        throw error;
      });
      if (done) break;
      await writer.write(value);
      before = value.at(-2) ?? last;
      last = value.at(-1) ?? last;
    }
    if (isOver() && !inOrder) throw new Error("this process ends");
    if (isOver() && last === LINE_FEED && before === LINE_FEED) await writer.write(FAREWELL);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
  }
}

/** Of a stream that both sides have left. */
function ignore() {}
