// Short names for what the WebAssembly and wasm-bindgen's script have in common. wasm-bindgen's own are long, and each
// has a hash in it: 16 characters that nothing compresses, in both files.

import { EXPORT, IMPORT, moduleOf, number, readNumber, readText, sectionsOf, text } from "./binary.mjs";

/** wasm-bindgen's name of the module of all imports, in the script and in the WebAssembly. */
const MODULE = "./index_bg.js";
const SHORT_MODULE = "a";

// Kinds of imports.
const FUNCTION = 0;
const TAG = 4;

/** Whether nobody but wasm-bindgen's script uses the name. */
const isInternal = (name) => name.includes("__") && name !== "__worker_init_state";

/**
 * The WebAssembly and its script with short names: `{ module, script }`. `transform` is esbuild's, `names` are those of
 * all imports and exports.
 */
export async function shortened(module, script, names, transform) {
  const internal = names.filter(isInternal);
  const own = script.replace(JSON.stringify(MODULE), SHORT_MODULE);
  if (own === script) throw new Error(`wasm-bindgen's script does not name ${MODULE} as we know it`);
  const { code, mangleCache } = await transform(own, {
    format: "esm",
    minify: true,
    mangleProps: new RegExp(`^(?:${internal.join("|")})$`),
    mangleCache: {},
  });
  return { module: renamed(module, mangleCache), script: code };
}

function renamed(module, names) {
  const nameOf = (name) => text(names[name] ?? name);
  const rewritten = { [IMPORT]: imports, [EXPORT]: exports };
  const sections = sectionsOf(module).map(({ id, content }) => ({
    id,
    content: Buffer.from(rewritten[id]?.(content, nameOf) ?? content),
  }));
  return moduleOf(module, sections);
}

/** An import is its module, its name, its kind, and its type's number, before which a tag has one byte more. */
function imports(content, nameOf) {
  let [count, at] = readNumber(content, 0);
  const bytes = number(count);
  while (count-- > 0) {
    const [module, nameAt] = readText(content, at);
    const [name, kindAt] = readText(content, nameAt);
    const kind = content[kindAt];
    if (module !== MODULE || (kind !== FUNCTION && kind !== TAG))
      throw new Error(`an import of the WebAssembly is not as wasm-bindgen makes it: ${module} ${name}`);
    [, at] = readNumber(content, kindAt + (kind === TAG ? 2 : 1));
    bytes.push(...text(SHORT_MODULE), ...nameOf(name), ...content.subarray(kindAt, at));
  }
  return bytes;
}

/** An export is its name, its kind and its number. */
function exports(content, nameOf) {
  let [count, at] = readNumber(content, 0);
  const bytes = number(count);
  while (count-- > 0) {
    const [name, kindAt] = readText(content, at);
    [, at] = readNumber(content, kindAt + 1);
    bytes.push(...nameOf(name), ...content.subarray(kindAt, at));
  }
  return bytes;
}
