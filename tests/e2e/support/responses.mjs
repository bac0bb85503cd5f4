// Events of a response, as OpenAI's library gives them.

export async function all(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The text that they tell. */
export const textOf = (events) =>
  events
    .filter(({ type }) => type === "response.output_text.delta")
    .map(({ delta }) => delta)
    .join("");
