// The wire format of server-sent events (the HTML Standard, section 9.2), as a push parser: chunks may split anywhere.

export interface SseFrame {
  /** The id that stands in this very frame: a stream resumes after it. Null where there is none. */
  id: string | null;
  event: string;
  data: string;
}

export class SseParser {
  #rest = "";
  #id: string | null = null;
  #event = "";
  #data: string[] = [];

  /** The frames that this chunk completed. */
  push(chunk: string): SseFrame[] {
    const frames: SseFrame[] = [];
    let text = this.#rest + chunk;
    // A trailing CR may be the first half of a CRLF.
    const held = text.endsWith("\r") ? "\r" : "";
    if (held) text = text.slice(0, -1);
    const lines = text.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + held;
    for (const line of lines) {
      const frame = this.#line(line);
      if (frame) frames.push(frame);
    }
    return frames;
  }

  #line(line: string): SseFrame | null {
    if (line === "") {
      const [id, event, data] = [this.#id, this.#event || "message", this.#data.join("\n")];
      const frame = this.#data.length > 0 ? { id, event, data } : null;
      this.#id = null;
      this.#event = "";
      this.#data = [];
      return frame;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "id") this.#id = value;
    if (field === "event") this.#event = value;
    if (field === "data") this.#data.push(value);
    return null;
  }
}
