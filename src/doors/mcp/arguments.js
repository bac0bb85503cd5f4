// Checks the arguments of a tool against its schema, and says what is wrong in words that a model can act on. Pure.

import { isObject, shown } from "./protocol.js";
import { number } from "./text.js";

/** What a model has done wrong, or what our API refuses: the result of the tool, marked as an error. */
export class ToolError extends Error {}

/** The arguments without those that are null, which models write for "absent". Throws where they don't fit. */
export function checked(given, schema, path = "") {
  const at = (name) => (path ? `${path}.${name}` : name);
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  for (const name of Object.keys(present))
    if (!Object.hasOwn(schema.properties, name))
      throw new ToolError(`There is no argument ${at(name)}: there are ${Object.keys(schema.properties).join(", ")}.`);
  for (const name of schema.required ?? [])
    if (present[name] === undefined) throw new ToolError(`The argument ${at(name)} is missing.`);
  for (const [name, value] of Object.entries(present))
    present[name] = fitting(value, schema.properties[name], at(name));
  return present;
}

function fitting(value, schema, name) {
  const wrong = (expected) => new ToolError(`${name} is ${shown(value)}: expected ${expected}.`);
  if (schema.enum && !schema.enum.includes(value))
    throw wrong(`one of ${schema.enum.map((word) => JSON.stringify(word)).join(", ")}`);
  if (schema.type === "string") {
    if (typeof value !== "string") throw wrong("a text");
    if (schema.minLength && value.trim() === "") throw wrong("a text that is not empty");
    if (schema.pattern && !new RegExp(schema.pattern).test(value)) throw wrong("an id: letters, digits, _ and -");
  }
  if (schema.type === "integer") {
    const { minimum, maximum } = schema;
    if (!Number.isInteger(value) || value < minimum || value > maximum)
      throw wrong(`a whole number from ${number(minimum)} to ${number(maximum)}`);
  }
  if (schema.type === "array") {
    if (!Array.isArray(value)) throw wrong("a list");
    return value.map((item, index) => fitting(item, schema.items, `${name}[${index}]`));
  }
  if (schema.type === "object") {
    if (!isObject(value)) throw wrong("an object");
    if (schema.properties) return checked(value, schema, name);
  }
  return value;
}
