// Carries out a script on an HTTP response. The wire format is the caller's: `frames` for a stream, `whole` for one
// reply.

import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

/**
 * @param {import("node:http").ServerResponse} response
 * @param {object} script from scripts.mjs
 * @param {{ stream: boolean, frames: (script) => Iterable<string>, whole: (script) => object,
 *   contentType?: string, mark: () => void, sent?: () => void }} wire
 *   `mark` is called at the first byte, `sent` after each frame of a stream.
 */
export async function play(response, script, wire) {
  switch (script.kind) {
    case "hang":
      return;
    case "reset":
      response.socket.resetAndDestroy();
      return;
    case "held":
      await script.gate.opened;
      if (!response.destroyed) await play(response, script.script, wire);
      return;
    case "error":
      wire.mark();
      fail(response, script);
      return;
    case "raw":
      wire.mark();
      await raw(response, script);
      return;
    case "text":
      wire.mark();
      if (wire.stream && !script.whole) await stream(response, script, wire);
      else answerWhole(response, wire.whole(script));
      return;
    default:
      throw new Error(`no such script: ${JSON.stringify(script)}`);
  }
}

function fail(response, { status, body, headers }) {
  const json = typeof body !== "string";
  response.writeHead(status, { ...(json ? { "content-type": "application/json" } : {}), ...headers });
  response.end(json ? JSON.stringify(body) : body);
}

async function raw(response, { parts, status, headers, ending }) {
  response.socket.setNoDelay(true);
  response.writeHead(status, headers);
  for (const part of parts) {
    if (response.destroyed) return;
    if (typeof part === "number") await sleep(part);
    else await write(response, Buffer.from(part));
  }
  if (ending === "cut") response.socket.resetAndDestroy();
  else response.end();
}

function answerWhole(response, body) {
  // Exactly this content type: workerd's AI binding parses no other as JSON.
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function stream(response, script, wire) {
  response.socket.setNoDelay(true);
  response.writeHead(200, { "content-type": wire.contentType ?? "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  for (const frame of wire.frames(script)) {
    if (response.destroyed) return;
    await write(response, Buffer.from(frame), script.writes);
    wire.sent?.();
    if (script.pauseMs) await sleep(script.pauseMs);
  }
  if (script.ending === "stall") return;
  if (script.ending === "cut") response.socket.resetAndDestroy();
  else response.end();
}

/** A turn of the event loop between writes makes each of them a TCP segment of its own. */
async function write(response, bytes, size = bytes.length) {
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size));
    await nextTurn();
  }
}

/** The text in pieces such as a tokenizer makes: words with the space before them. */
export function piecesOf(script) {
  return script.pieces ?? script.text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Four characters to a token, as everybody's rule of thumb has it. */
export function tokensOf(content) {
  return Math.ceil(content.length / 4);
}
