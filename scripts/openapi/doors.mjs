// The parts of the OpenAPI document that are the doors': the generator (src/api/openapi/doors.rs) puts them into it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../lib/paths.mjs";

const FOLDER = "src/doors";

/** `{ folder, tags, paths, components }` of each door. */
export function partsOfDoors() {
  return readdirSync(inRoot(FOLDER))
    .map((name) => ({ folder: `${FOLDER}/${name}/`, file: inRoot(path.join(FOLDER, name, "openapi.json")) }))
    .filter(({ file }) => existsSync(file))
    .map(({ folder, file }) => ({ folder, ...JSON.parse(readFileSync(file, "utf8")) }));
}
