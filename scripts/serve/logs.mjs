// Logs as JSON lines on the standard output: the Worker's own as they are, everything else within one.

// Nobody may read it any more, and we go on.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

/** One event of `serve` itself. */
export function log(level, event, fields = {}) {
  process.stdout.write(`${JSON.stringify({ level, event, at: new Date().toISOString(), ...fields })}\n`);
}

/**
 * Passes on what workerd writes to `stream`, line by line; `seen`, where there is one, gets each line that is not the
 * Worker's own.
 */
export function passOn(stream, level, seen = null) {
  eachLine(stream, (line) => {
    if (line.trim() === "") return;
    if (isOurs(line)) process.stdout.write(`${line}\n`);
    else {
      seen?.(line);
      log(level, "workerd", { message: line });
    }
  });
}

/** Calls `read` with each line of the stream, the last one too where it has no end. */
export function eachLine(stream, read) {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk) => {
    const lines = (text + chunk).split(/\r?\n/);
    text = lines.pop();
    for (const line of lines) read(line);
  });
  stream.on("end", () => text && read(text));
  // Of a process that is gone.
  stream.on("error", () => {});
}

function isOurs(line) {
  if (!line.startsWith("{")) return false;
  try {
    return typeof JSON.parse(line).level === "string";
  } catch {
    return false;
  }
}
