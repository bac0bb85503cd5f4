// What goes with an answer, and what happens once it was taken.

/** What OpenAI has no field for. Clients pass over it. */
export const about = ({ id, asked, told }, headers, status) => ({
  id,
  url: headers["x-workflow-url"],
  warnings: [...new Set([...told, ...status.warnings.map(({ message }) => message)])],
  ignored: asked.ignored,
});

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
