// What little of the WebAssembly binary format the build needs: a module is an 8-byte header, then sections of (id, length, content).

const HEADER_BYTES = 8;
const CUSTOM = 0;

/**
 * The module without its custom sections (names of functions, producers): nobody reads them in production, and they are a good part of
 * what a deploy uploads. worker-build keeps them and cargo can't strip them earlier, since wasm-bindgen reads some.
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
