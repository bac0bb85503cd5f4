// A reader of server-sent events that tells frames from comments, as an EventSource does.

/** Reads a stream to its end: `[{ id, event, data }]`, `data` parsed. `until(frame)` ends it early. */
export async function readEvents(response, until = () => false) {
  const frames = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const frame of parts.map(parse).filter((each) => each.data !== null)) {
      frames.push(frame);
      if (until(frame)) return frames;
    }
  }
  return frames;
}

function parse(part) {
  const fields = { id: null, event: "message", data: null };
  for (const line of part.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (name in fields) fields[name] = line.slice(colon + 1).trim();
  }
  return { ...fields, data: fields.data === null ? null : JSON.parse(fields.data) };
}
