// The WebAssembly binary format, as far as the build rewrites it.

const HEADER_BYTES = 8;

// Ids of sections.
export const CUSTOM = 0;
export const IMPORT = 2;
export const EXPORT = 7;
export const CODE = 10;

/** The module's sections: `{ id, content }`. A section is its id, its length and its content. */
export function sectionsOf(module) {
  const sections = [];
  for (let at = HEADER_BYTES; at < module.length; ) {
    const id = module[at];
    const [length, start] = readNumber(module, at + 1);
    at = start + length;
    sections.push({ id, content: module.subarray(start, at) });
  }
  return sections;
}

/** A module of these sections. */
export const moduleOf = (module, sections) =>
  Buffer.concat([
    module.subarray(0, HEADER_BYTES),
    ...sections.flatMap(({ id, content }) => [Buffer.from([id, ...number(content.length)]), content]),
  ]);

/** The items of a list: it is a count, then the items, each with its length before it. */
export function listOf(content) {
  let [count, start] = readNumber(content, 0);
  const items = [];
  while (count-- > 0) {
    const [length, item] = readNumber(content, start);
    start = item + length;
    items.push(content.subarray(item, start));
  }
  return items;
}

/** An unsigned number in LEB128 at `at`, and where it ends. */
export function readNumber(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** A text at `at`, and where it ends. */
export function readText(bytes, at) {
  const [length, start] = readNumber(bytes, at);
  return [bytes.toString("utf8", start, start + length), start + length];
}

export function number(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

export const sized = (bytes) => [...number(bytes.length), ...bytes];
export const text = (characters) => sized([...Buffer.from(characters)]);
