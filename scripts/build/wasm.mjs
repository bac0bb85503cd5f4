// What little of the WebAssembly binary format the build needs: a module is an 8-byte header, then sections of (id,
// length, content).

const HEADER_BYTES = 8;
const CUSTOM = 0;

/**
 * The module without its custom sections (names of functions, producers): nobody reads them in production, and they are
 * a good part of what a deploy uploads. worker-build keeps them and cargo can't strip them earlier, since wasm-bindgen
 * reads some.
 */
export function withoutCustomSections(module) {
  const kept = [module.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < module.length; ) {
    const [length, content] = leb128(module, at + 1);
    if (module[at] !== CUSTOM) kept.push(module.subarray(at, content + length));
    at = content + length;
  }
  return Buffer.concat(kept);
}

/** An unsigned number in LEB128 at `at`, and where it ends. */
function leb128(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

const EXPORTS = 7;

/** The module without the exports whose names match: what only they need is then for wasm-opt to drop. */
export function withoutExports(module, names) {
  const parts = [module.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < module.length; ) {
    const [length, content] = leb128(module, at + 1);
    const end = content + length;
    if (module[at] === EXPORTS) parts.push(section(EXPORTS, keptExports(module, content, names)));
    else parts.push(module.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** An export is its name, a byte for its kind, and an index. */
function keptExports(module, at, names) {
  let [count, start] = leb128(module, at);
  const kept = [];
  while (count-- > 0) {
    const [length, name] = leb128(module, start);
    const [, end] = leb128(module, name + length + 1);
    if (!names.test(module.toString("utf8", name, name + length))) kept.push(module.subarray(start, end));
    start = end;
  }
  return Buffer.concat([toLeb128(kept.length), ...kept]);
}

const section = (id, content) => Buffer.concat([Buffer.from([id]), toLeb128(content.length), content]);

function toLeb128(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push((number % 0x80) | 0x80);
  return Buffer.from([...bytes, number]);
}
