// A workflow's journal as its event stream tells it, and what a crash did to it. The counts come from there and from
// nowhere else.

import { Readable } from "node:stream";

/**
 * Calls `on(event)` for each journaled event after the one with the id `after`, or from the first one on where that is
 * null, until the workflow has ended or the connection breaks off. Returns the id of the last event that was seen.
 */
export async function follow(url, id, after, on) {
  let last = after;
  try {
    const headers = { accept: "text/event-stream", ...(after === null ? {} : { "last-event-id": after }) };
    const response = await fetch(`${url}/${id}/events`, { headers });
    let buffered = "";
    const decoder = new TextDecoder();
    for await (const chunk of Readable.fromWeb(/** @type {any} */ (response.body))) {
      const frames = (buffered + decoder.decode(chunk, { stream: true })).split("\n\n");
      buffered = frames.pop();
      for (const frame of frames) {
        // Live text has no id: it is in no journal.
        const [, eventId, data] = /^id: (\S+)$.*^data: (.*)$/ms.exec(frame) ?? [];
        if (data === undefined) continue;
        last = eventId;
        on(JSON.parse(data));
      }
    }
  } catch {
    // The server is gone: whoever follows comes back after the last event that was seen.
  }
  return last;
}

/**
 * What the journal says: `before` are the events that were seen before the kill, `after` is the whole journal in the
 * end.
 */
export function account(before, after) {
  const completed = stepsOf(before, "attempt_completed");
  const running = stepsOf(before, "attempt_started").filter((step) => !completed.includes(step));
  const later = after.slice(before.length);
  const startedLater = stepsOf(later, "attempt_started");
  return {
    kept: completed,
    lost: running,
    /** Calls that were made although their answers had been there. */
    repeated: completed.filter((step) => startedLater.includes(step)),
    redone: running.filter((step) => startedLater.includes(step)),
    intact: before.every((event, index) => JSON.stringify(event) === JSON.stringify(after[index])),
    gapless: after.every((event, index) => event.seq === index + 1),
    complete: after.at(-1)?.type === "workflow_completed",
  };
}

function stepsOf(events, type) {
  return events.filter((event) => event.type === type).map((event) => event.step);
}
