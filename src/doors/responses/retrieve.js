// A response as it is now.

import { Narration } from "./narration.js";
import { ended } from "./stream.js";

const TERMINAL = ["complete", "errored", "terminated"];

/**
 * Whoever asks for a response that is not done waits for it, and will ask again. So to ask is to listen, by the event
 * stream that `queued` opens: a run that was paused because nobody listened goes on.
 *
 * @param {import("../inside.js").Inside} inside
 */
export async function current(inside, id) {
  const status = await inside.client.status(id, { fields: "status" });
  if (TERMINAL.includes(status.status)) return ended(inside, id);
  const narration = new Narration(id);
  narration.take(await queued(inside, id));
  return narration.now(status);
}

/** The first event, which has all that was asked for. */
export async function queued(inside, id) {
  for await (const event of inside.client.events(id, { types: ["workflow_queued"] })) return event;
  throw new Error(`the workflow ${id} has no first event`);
}
