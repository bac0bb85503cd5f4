// An order of the functions of a WebAssembly in which gzip finds most of what they have in common: each comes after
// those that it is most like.
//
// gzip refers back to what it has seen within the last 32 KB. Functions of one origin, as the instances of a generic
// function or the derived code of similar types, share most of their bytes, but the linker leaves them anywhere.
// wasm-opt can sort functions by their names, so here each gets its place as its name.

import { CODE, CUSTOM, listOf, number, sectionsOf, sized, text } from "./binary.mjs";

/** So many bytes in a row are a mark by which functions are compared. Shorter ones are shared by chance. */
const MARK_BYTES = 6;
/** A mark that more functions have tells nothing of any of them. */
const SHARED_BY_MAX = 1_000;
/** A mark that few have tells more of them: gzip finds what many have near any of them. */
const weightOf = (sharedBy) => 1 / Math.max(1, sharedBy - 1) ** 0.6;
/** The code before a function that it is compared with. gzip looks back 32 KB and prefers what is near. */
const WINDOW_BYTES = 28_000;
/** Keep tiny functions from being taken for the likest of all, and large ones from coming last. */
const BYTES_MIN = 20;
const BYTES_EXPONENT = 0.7;

/** Of the section "name". */
const FUNCTION_NAMES = 1;

/**
 * The module, which has no names yet, with names that sort as its functions should lie. `imported` is how many
 * functions it imports.
 */
export function namedByOrder(module, imported) {
  const code = sectionsOf(module).find(({ id }) => id === CODE);
  const bodies = code ? listOf(code.content) : [];
  const places = new Array(bodies.length);
  for (const [place, index] of orderOf(bodies).entries()) places[index] = place;
  // Imported functions are counted before the others.
  const digits = String(bodies.length).length;
  const names = places.flatMap((place, index) => [
    ...number(imported + index),
    ...text(String(place).padStart(digits, "0")),
  ]);
  const section = [...text("name"), FUNCTION_NAMES, ...sized([...number(bodies.length), ...names])];
  return Buffer.concat([module, Buffer.from([CUSTOM, ...sized(section)])]);
}

/** The indices of the bodies: after each the one of which most is in the window before it. */
function orderOf(bodies) {
  const { marksOf, functionsWith } = compared(bodies);
  const left = new Set(bodies.keys());
  const inWindow = new Array(functionsWith.length).fill(0);
  const shared = new Array(bodies.length).fill(0);
  const order = [];
  let [windowStart, windowBytes] = [0, 0];
  const count = (mark, sign) => {
    const weight = sign * weightOf(functionsWith[mark].length);
    for (const other of functionsWith[mark]) shared[other] += weight;
  };
  const enter = (index) => {
    windowBytes += bodies[index].length;
    for (const mark of marksOf[index]) if (inWindow[mark]++ === 0) count(mark, 1);
  };
  const leave = (index) => {
    windowBytes -= bodies[index].length;
    for (const mark of marksOf[index]) if (--inWindow[mark] === 0) count(mark, -1);
  };
  while (left.size > 0) {
    let [best, likeness] = [-1, -1];
    for (const index of left) {
      const ratio = shared[index] / (bodies[index].length + BYTES_MIN) ** BYTES_EXPONENT;
      if (ratio > likeness) [best, likeness] = [index, ratio];
    }
    left.delete(best);
    order.push(best);
    enter(best);
    while (windowBytes > WINDOW_BYTES && windowStart < order.length - 1) leave(order[windowStart++]);
  }
  return order;
}

/** The marks of each function that others have too, as numbers, and the functions with each mark. */
function compared(bodies) {
  const numbers = new Map();
  const functionsWith = [];
  const all = bodies.map((body, index) => {
    const marks = new Set();
    for (let at = 0; at + MARK_BYTES <= body.length; at++) {
      const bytes = body.readUIntBE(at, MARK_BYTES);
      const mark = numbers.get(bytes) ?? functionsWith.push([]) - 1;
      numbers.set(bytes, mark);
      marks.add(mark);
    }
    for (const mark of marks) functionsWith[mark].push(index);
    return [...marks];
  });
  const tells = (mark) => functionsWith[mark].length > 1 && functionsWith[mark].length <= SHARED_BY_MAX;
  return { marksOf: all.map((marks) => marks.filter(tells)), functionsWith };
}
