// Requests that fetch refuses to make: any Host, any bytes, a body that is never finished.

import { connect } from "node:net";

const ANSWER_TIMEOUT_MS = 15_000;

/**
 * Sends `text` (head and body, as it is) and gives the answer: `{ status, headers, text, json }`. The connection is
 * closed as soon as the answer's head and body are there, which `Content-Length` or the end of the connection tells.
 */
export function rawRequest(port, text) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const finish = (outcome) => {
      clearTimeout(timer);
      socket.destroy();
      outcome();
    };
    const timer = setTimeout(
      () => finish(() => reject(new Error(`no answer to ${text.slice(0, 60)}; received ${received}`))),
      ANSWER_TIMEOUT_MS,
    );
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(text));
    socket.on("data", (chunk) => {
      received += chunk;
      const answer = parse(received);
      if (answer) finish(() => resolve(answer));
    });
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("end", () =>
      finish(() => (received === "" ? reject(new Error("closed without an answer")) : resolve(parse(received, true)))),
    );
  });
}

function parse(received, ended = false) {
  const split = received.indexOf("\r\n\r\n");
  if (split < 0) return null;
  const [first, ...lines] = received.slice(0, split).split("\r\n");
  const headers = new Headers(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const rest = received.slice(split + 4);
  const body =
    headers.get("transfer-encoding") === "chunked" ? chunked(rest) : sized(rest, headers.get("content-length"), ended);
  if (body === null) return null;
  const json = headers.get("content-type")?.includes("json") ? JSON.parse(body) : null;
  return { status: Number(first.split(" ")[1]), headers, text: body, json };
}

function sized(rest, length, ended) {
  if (length === null) return ended ? rest : null;
  return Buffer.byteLength(rest) >= Number(length) ? rest : null;
}

function chunked(rest) {
  let body = "";
  for (let at = 0; ; ) {
    const line = rest.indexOf("\r\n", at);
    if (line < 0) return null;
    const size = Number.parseInt(rest.slice(at, line), 16);
    if (size === 0) return body;
    // Sizes count bytes; the answers read here are ASCII, so that characters do as well.
    if (rest.length < line + 2 + size + 2) return null;
    body += rest.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
