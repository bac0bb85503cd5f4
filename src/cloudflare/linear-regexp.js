// Regular expressions whose search takes no more than the text's length times the pattern's parts: a set of states
// goes along the text (Thompson's construction), where JavaScript's own engine tries one way after the other, maybe for
// ever. Which patterns there are is decided by src/api/output_schema/pattern.rs; groups capture nothing, and there are
// no references and no lookaround.

/** One atom of a pattern: an escape, a class, or a character. */
const ATOM = new RegExp(
  [
    String.raw`\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}`,
    String.raw`\\(?:u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|[pP]\{[^}]*\}|.)`,
    String.raw`\[(?:\\.|[^\]\\])*\]`,
    ".",
  ].join("|"),
  "suy",
);
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/uy;
const GROUP = /\((?:\?:)?/uy;
/** What it takes JavaScript's engine to make a set of characters, each of Unicode's tables in it, and to ask it. */
const SET_STEPS = 500;
const UNICODE_SET_STEPS = 15_000;
const ASK_STEPS = 20;

/** A class like `RegExp` with the flag `u`. `charge` is told the work of each test before it is done, and may throw. */
export function linearRegExp(charge) {
  const sets = new Map();
  const setOf = (atom) => {
    if (!sets.has(atom)) sets.set(atom, newSet(atom, charge));
    return sets.get(atom);
  };
  return class {
    #program;
    constructor(source) {
      charge(source.length * 2);
      // JavaScript's own engine says what is wrong with a pattern.
      new RegExp(source, "u");
      this.#program = compiled(parsed(source, setOf), charge);
    }
    test(text) {
      return isFound(this.#program, text, charge);
    }
  };
}

/** The pattern as a tree: `any`, `all`, `repeat`, `at` (an assertion) and `is` (a set of characters). */
function parsed(source, setOf) {
  let at = 0;
  const next = (expression) => {
    expression.lastIndex = at;
    const found = expression.exec(source);
    if (found) at += found[0].length;
    return found;
  };
  const choice = () => {
    const any = [sequence()];
    while (source[at] === "|") {
      at += 1;
      any.push(sequence());
    }
    return any.length === 1 ? any[0] : { any };
  };
  const sequence = () => {
    const all = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") {
      const atom = one();
      const counts = next(QUANTIFIER);
      all.push(counts ? { repeat: atom, ...countsOf(counts) } : atom);
    }
    return { all };
  };
  const one = () => {
    if (next(GROUP)) {
      const inside = choice();
      at += 1;
      return inside;
    }
    const [atom] = next(ATOM);
    return ["^", "$", "\\b", "\\B"].includes(atom) ? { at: atom } : { is: setOf(atom) };
  };
  return choice();
}

function countsOf([, mark, least, open, most]) {
  if (mark) return { least: mark === "+" ? 1 : 0, most: mark === "?" ? 1 : Number.POSITIVE_INFINITY };
  const exactly = Number(least);
  return { least: exactly, most: open ? (most ? Number(most) : Number.POSITIVE_INFINITY) : exactly };
}

/** Whether a character is meant by an atom. JavaScript's own engine knows classes, and one character is no search. */
function newSet(atom, charge) {
  if (!/[\\[.]/.test(atom)) return (character) => character === atom;
  charge(SET_STEPS + UNICODE_SET_STEPS * (atom.match(/\\p/gi)?.length ?? 0));
  const native = new RegExp(`^${atom}$`, "u");
  const known = new Map();
  return (character, code) => {
    let is = known.get(code);
    if (is === undefined) {
      charge(ASK_STEPS);
      is = native.test(character);
      known.set(code, is);
    }
    return is;
  };
}

/**
 * States, each with what comes after it: `is` a set that takes a character, `at` an assertion, `to` two states to go on
 * with. The last state of all is the end: -1.
 */
function compiled(tree, charge) {
  const states = [];
  const add = (state) => {
    charge(1);
    return states.push(state) - 1;
  };
  const before = (node, after) => {
    if (node.is) return add({ is: node.is, after });
    if (node.at) return add({ at: node.at, after });
    if (node.any) return node.any.map((one) => before(one, after)).reduce((one, other) => add({ to: [one, other] }));
    if (node.all) return node.all.reduceRight((rest, one) => before(one, rest), after);
    const { repeat, least, most } = node;
    let start = after;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = { to: [0, after] };
      start = add(loop);
      loop.to[0] = before(repeat, start);
    } else for (let count = least; count < most; count += 1) start = add({ to: [before(repeat, start), after] });
    for (let count = 0; count < least; count += 1) start = before(repeat, start);
    return start;
  };
  return { start: before(tree, -1), states };
}

function isFound({ start, states }, text, charge) {
  charge(states.length);
  const reached = new Int32Array(states.length).fill(-1);
  let current = [];
  let [at, before] = [0, ""];
  for (;;) {
    const code = text.codePointAt(at);
    const character = code === undefined ? "" : String.fromCodePoint(code);
    // What can be reached from here without a character, of all ways that lead here and of one that begins here.
    const place = { isFirst: at === 0, isLast: code === undefined, isBorder: isWord(before) !== isWord(character) };
    const stack = [start, ...current];
    const taking = [];
    while (stack.length > 0) {
      const index = stack.pop();
      if (index === -1) return true;
      if (reached[index] === at) continue;
      reached[index] = at;
      // Each visit, because a state that takes no character is work too.
      charge(1);
      const state = states[index];
      if (state.to) stack.push(...state.to);
      else if (state.is) taking.push(state);
      else if (holds(state.at, place)) stack.push(state.after);
    }
    charge(current.length + 1);
    if (code === undefined) return false;
    current = taking.filter(({ is }) => is(character, code)).map(({ after }) => after);
    [at, before] = [at + character.length, character];
  }
}

const isWord = (character) => /^\w$/.test(character);

function holds(assertion, { isFirst, isLast, isBorder }) {
  if (assertion === "^") return isFirst;
  if (assertion === "$") return isLast;
  return assertion === "\\b" ? isBorder : !isBorder;
}
