// Files of a folder in which somebody else is writing: any of them may go at any moment.

import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** All files below a folder. */
export const filesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());

/** What is in a file; nothing where it is gone. */
export function bytesOf(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
