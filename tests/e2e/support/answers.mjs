// The reader's text as a subscriber of `?types=all` gets it.

import assert from "node:assert/strict";
import { readEvents } from "./events.mjs";

/** Reads all updates of a workflow until its end, or until `until(frame)`. */
export async function readAll(api, id, until) {
  const response = await fetch(`${api.url}/${id}/events?types=all`);
  assert.equal(response.status, 200, `events of ${id}`);
  return readEvents(response, until);
}

/**
 * The text that the updates `answer` leave, each truncating and appending. Asserts that within one connection what was
 * said to be settled stays, unless `repeated`: an attempt died and its text was written again.
 */
export function answerOf(frames, { repeated = false } = {}) {
  let written = [];
  let settled = [];
  for (const { data } of frames.filter(({ event }) => event === "answer")) {
    assert.ok(data.from <= written.length, `an update begins at ${data.from} of ${written.length} characters`);
    written = [...written.slice(0, data.from), ...data.text];
    assert.ok(data.settled <= written.length, `${data.settled} of ${written.length} characters are settled`);
    const kept = written.slice(0, settled.length).join("");
    if (!repeated) assert.equal(kept, settled.join(""), "what was settled has changed");
    settled = written.slice(0, data.settled);
  }
  return written.join("");
}
