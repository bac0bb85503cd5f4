// What is not to be stored, once it was taken.

/** What is not to be stored is deleted once its last byte was taken. */
export function delivering(inside, { id, asked }, response) {
  if (asked.isStored) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        forget(inside, id);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}

/** At the latest after an hour it is gone by itself. */
export function forget(inside, id) {
  inside.waitUntil(inside.client.delete(id).catch((error) => console.warn(`not deleted yet: ${error.message}`)));
}

/** What becomes of a stream that was left. One that is not stored waits for nobody: it would be kept meanwhile. */
export const whenLeft = ({ retention_seconds: unstored }, wanted) =>
  unstored !== undefined && wanted === "pause" ? "terminate" : wanted;
