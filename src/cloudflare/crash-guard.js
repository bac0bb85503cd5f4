// A crash of the WebAssembly (a panic, no memory, an uncaught exception) ends the instance that all objects of the
// isolate share. What polls a future is a microtask, so no caller sees the exception: without this module the crashed
// call, and every other one that was in flight, waits for ever, and an alarm that hangs blocks all later ones of its
// object. The next call gets a new instance (instance.js).

import { abandon } from "./instance.js";

/** Settles for each call in flight what a crash leaves unsettled. */
const inFlight = new Set();
/** The crashes that were told, because each call that one fails throws the same error once more, maybe much later. */
const told = new WeakSet();

addEventListener("error", (event) => {
  if (isCrash(event.error)) failAll(event.error);
});

/** The result of `call`; rejects where the WebAssembly crashes meanwhile, whoever made it crash. */
export async function guarded(call) {
  const [crash, forget] = nextCrash();
  try {
    return await Promise.race([call(), crash]);
  } catch (error) {
    if (isCrash(error)) failAll(error);
    throw error;
  } finally {
    forget();
  }
}

/** The response, whose event stream breaks off at a crash instead of falling silent: the client then resumes it. */
export function guardedStream(response) {
  if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const { readable, writable } = new IdentityTransformStream();
  const [reader, writer] = [response.body.getReader(), writable.getWriter()];
  const [crash, forget] = nextCrash();
  // Not pipeTo with a signal: the runtime looks at the signal between two chunks only, and there will be none.
  crash.catch((error) => writer.abort(error)).catch(ignore);
  // The client left: the Rust stream is dropped.
  writer.closed.catch((error) => reader.cancel(error)).catch(ignore);
  pump(reader, writer).catch(ignore).finally(forget);
  return new Response(readable, response);
}

async function pump(reader, writer) {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return await writer.close();
      await writer.write(value);
    }
  } catch (error) {
    await writer.abort(error);
  }
}

/** Of a stream that both sides have left. */
function ignore() {}

/**
 * A promise that the next crash rejects, and a function that lets go of it. A promise, because the crash happens in
 * another request's context: the runtime carries its outcome over, while anything else of a foreign request must not be
 * touched.
 */
function nextCrash() {
  let fail;
  const crash = new Promise((_, reject) => {
    fail = reject;
  });
  inFlight.add(fail);
  return [crash, () => inFlight.delete(fail)];
}

function failAll(error) {
  if (told.has(error)) return;
  told.add(error);
  abandon();
  for (const fail of inFlight) fail(error);
  inFlight.clear();
}

/** Traps (a panic aborts), exceptions that passed through WebAssembly, and an exhausted stack. */
function isCrash(error) {
  if (error instanceof WebAssembly.RuntimeError) return true;
  if (error instanceof RangeError) return error.message === "Maximum call stack size exceeded";
  return error?.message === "Critical error";
}
