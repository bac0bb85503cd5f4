// The types of the client, from the OpenAPI document: what its schemas say, in TypeScript.

import { readFileSync } from "node:fs";
import { inRoot } from "../lib/paths.mjs";
import { partsOfDoors } from "./doors.mjs";

const DOCUMENT = "src/api/openapi.json";
export const TYPES = "client/openapi.d.ts";

const HEAD = "// Written by `npm run openapi` from src/api/openapi.json.\n\n";

/**
 * The text of `client/openapi.d.ts`. Without the paths, five times as long: the client has them as methods. And without
 * the doors, which have clients of their own.
 */
export async function typesOfDocument() {
  // Not above: in a fresh clone the set-up, which installs it, runs first.
  const { default: openapiTS, astToString } = await import("openapi-typescript");
  const { openapi, info, components } = JSON.parse(readFileSync(inRoot(DOCUMENT), "utf8"));
  const ofDoors = partsOfDoors().flatMap((part) => Object.keys(part.components.schemas));
  const schemas = Object.fromEntries(Object.entries(components.schemas).filter(([name]) => !ofDoors.includes(name)));
  // What has a default may be left out.
  const options = { defaultNonNullable: false };
  return HEAD + astToString(await openapiTS({ openapi, info, paths: {}, components: { schemas } }, options));
}
