// The difference between two texts, in words: by lines first, then by words within what differs, so that a long text
// with a few corrections costs little. By Myers (An O(ND) Difference Algorithm), with a bound: what differs by more is
// shown as a whole, because a patchwork of two texts tells nobody anything.

export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** So many insertions and deletions are looked for; their square is what it costs. */
const EDITS_MAX = 600;
/** Scripts without spaces are compared sign by sign, which reads as well as words do there. */
const SIGNS = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}";
const WORDS = new RegExp(`[${SIGNS}]|(?:(?![${SIGNS}])[\\p{L}\\p{M}\\p{N}_])+|\\s+|.`, "gsu");

export function differenceOf(before: string, after: string): Piece[] {
  const lines = diff(linesOf(before), linesOf(after));
  const pieces = hunks(lines).flatMap(({ same, gone, made }) =>
    same !== "" ? [{ kind: "same" as const, text: same }] : within(gone, made),
  );
  return readable(pieces);
}

/** With their line breaks. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const wordsOf = (text: string): string[] => text.match(WORDS) ?? [];

function within(gone: string, made: string): Piece[] {
  if (gone === "" || made === "") return whole(gone, made);
  const pieces = diff(wordsOf(gone), wordsOf(made));
  const kept = pieces.filter(({ kind }) => kind === "same").reduce((sum, { text }) => sum + text.trim().length, 0);
  // With next to nothing in common they are two texts.
  return kept * 5 < Math.min(gone.length, made.length) ? whole(gone, made) : pieces;
}

const whole = (gone: string, made: string): Piece[] => [
  { kind: "gone", text: gone },
  { kind: "new", text: made },
];

interface Hunk {
  same: string;
  gone: string;
  made: string;
}

/** What stays, and between it what goes and what comes, each as one text. */
function hunks(pieces: Piece[]): Hunk[] {
  const all: Hunk[] = [];
  for (const { kind, text } of pieces) {
    let last = all[all.length - 1];
    if (!last || (kind === "same") !== (last.same !== "")) {
      last = { same: "", gone: "", made: "" };
      all.push(last);
    }
    if (kind === "same") last.same += text;
    else if (kind === "gone") last.gone += text;
    else last.made += text;
  }
  return all;
}

/** A space that stayed between two words that did not is a part of the change. */
function readable(pieces: Piece[]): Piece[] {
  const joined = hunks(pieces);
  const between = (index: number) =>
    joined[index - 1] !== undefined && joined[index + 1] !== undefined && /^[ \t]+$/.test(joined[index]?.same ?? "");
  const widened = joined.flatMap(({ same, gone, made }, index): Piece[] =>
    same !== ""
      ? between(index)
        ? whole(same, same)
        : [{ kind: "same", text: same }]
      : whole(gone, made).filter(({ text }) => text !== ""),
  );
  return hunks(widened).flatMap(({ same, gone, made }): Piece[] =>
    same !== "" ? [{ kind: "same", text: same }] : whole(gone, made).filter(({ text }) => text !== ""),
  );
}

function diff(a: string[], b: string[]): Piece[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) [endA, endB] = [endA - 1, endB - 1];
  const same = (from: number, to: number): Piece[] => [{ kind: "same", text: a.slice(from, to).join("") }];
  const middle = shortest(a.slice(start, endA), b.slice(start, endB));
  return [...same(0, start), ...middle, ...same(endA, a.length)].filter(({ text }) => text !== "");
}

/** The fewest insertions and deletions. Beyond the bound: all of one, then all of the other. */
function shortest(a: string[], b: string[]): Piece[] {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return whole(a.join(""), b.join(""));
  const max = Math.min(n + m, EDITS_MAX);
  /** By diagonal `k`, from `-d` to `d`: how far into `a` so many edits lead. */
  const trace: Int32Array[] = [];
  const furthest = new Int32Array(2 * max + 3);
  for (let d = 0; d <= max; d++) {
    trace.push(furthest.slice(max + 1 - d, max + 2 + d));
    for (let k = -d; k <= d; k += 2) {
      const at = max + 1 + k;
      const [down, right] = [furthest[at + 1] ?? 0, furthest[at - 1] ?? 0];
      let x = k === -d || (k !== d && right < down) ? down : right + 1;
      while (x < n && x - k < m && a[x] === b[x - k]) x++;
      furthest[at] = x;
      if (x >= n && x - k >= m) return retraced(a, b, trace);
    }
  }
  return whole(a.join(""), b.join(""));
}

/** Back from the end by what was known before each edit. */
function retraced(a: string[], b: string[], trace: Int32Array[]): Piece[] {
  const pieces: Piece[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const known = (k: number) => trace[d]?.[k + d] ?? 0;
    const k = x - y;
    const isDown = d > 0 && (k === -d || (k !== d && known(k - 1) < known(k + 1)));
    const [fromX, fromY] =
      d === 0 ? [0, 0] : isDown ? [known(k + 1), known(k + 1) - k - 1] : [known(k - 1), known(k - 1) - k + 1];
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      pieces.push({ kind: "same", text: a[x - 1] ?? "" });
      [x, y] = [x - 1, y - 1];
    }
    if (d === 0) break;
    pieces.push(isDown ? { kind: "new", text: b[y - 1] ?? "" } : { kind: "gone", text: a[x - 1] ?? "" });
    [x, y] = [fromX, fromY];
  }
  return pieces.reverse();
}
