// A question on a terminal.

import { createInterface } from "node:readline";

/**
 * The line that is typed in reply to `question`; null where nobody replies: Ctrl+C, Ctrl+D, the end of input. The
 * terminal's own line editing is enough: without `output`, readline leaves Ctrl+C to the terminal.
 *
 * @returns {Promise<string | null>}
 */
export async function replyTo(question, { input, output }) {
  const reader = createInterface({ input });
  const leave = () => reader.close();
  process.once("SIGINT", leave);
  const line = new Promise((resolve) => reader.once("line", resolve).once("close", () => resolve(null)));
  output.write(question);
  const reply = await line;
  reader.close();
  process.off("SIGINT", leave);
  if (reply === null) output.write("\n");
  return reply;
}
