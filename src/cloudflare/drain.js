// The end of a process that `serve` (scripts/serve) was asked to end: it is not ready for more, and event streams,
// which would keep it for as long as workflows run, are closed in order, so that their clients go on with the next
// process.

/** Ends each stream that is open. */
const open = new Set();
let isDraining = false;

/** Nobody should send requests here any more. */
export const draining = () => isDraining;

export function drain() {
  isDraining = true;
  for (const end of open) end();
  open.clear();
}

/** The response, whose event stream ends once the process is to end. */
export function untilDrained(response) {
  if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const { readable, writable } = new IdentityTransformStream();
  const [reader, writer] = [response.body.getReader(), writable.getWriter()];
  let end;
  // A promise, because another request asks for it: see crash-guard.js.
  const drained = new Promise((resolve) => {
    end = () => resolve({ drained: true });
  });
  if (isDraining) end();
  else open.add(end);
  // The client left.
  writer.closed.catch((error) => reader.cancel(error)).catch(ignore);
  pump(reader, writer, drained)
    .catch(ignore)
    .finally(() => open.delete(end));
  return new Response(readable, response);
}

async function pump(reader, writer, drained) {
  try {
    for (;;) {
      const { drained: isOver, done, value } = await Promise.race([reader.read(), drained]);
      if (done) return await writer.close();
      if (isOver) {
        await writer.write(new TextEncoder().encode(": this process ends: go on with the next one\nretry: 1000\n\n"));
        await writer.close();
        return await reader.cancel();
      }
      await writer.write(value);
    }
  } catch (error) {
    await writer.abort(error);
  }
}

/** Of a stream that both sides have left. */
function ignore() {}
