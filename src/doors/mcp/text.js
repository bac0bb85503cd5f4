// The answer in pieces: characters, ranges and the outline. Pure. Characters are code points, as Python and Rust count
// them too, so that a range is the same wherever it is reckoned.

/** A text that is asked for ranges of characters. */
export class Characters {
  constructor(text) {
    this.text = text;
    // Most texts have none beyond the 16 bits of a code unit, and need no list.
    this.list = /[\ud800-\udfff]/.test(text) ? [...text] : null;
    this.length = this.list?.length ?? text.length;
  }

  slice(start, end) {
    return this.list ? this.list.slice(start, end).join("") : this.text.slice(start, end);
  }
}

/**
 * The headings of a Markdown text and what stands under each until the next: `{ title, level, start, end }`. Lines
 * within a block of code are none.
 */
export function outlineOf(text) {
  const found = [];
  let at = 0;
  let fence = null;
  for (const line of text.split("\n")) {
    const [, mark] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === null && mark) fence = mark;
    else if (fence !== null && mark?.[0] === fence[0] && mark.length >= fence.length && /^\s*\S+\s*$/.test(line))
      fence = null;
    const [, level, title] = fence === null ? (/^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/.exec(line) ?? []) : [];
    if (title) found.push({ title, level: level.length, start: at });
    at += new Characters(line).length + 1;
  }
  const ends = [...found.slice(1).map(({ start }) => start), at - 1];
  return found.map((entry, index) => ({ ...entry, end: ends[index] }));
}

/** A text of at most `most` characters, with a mark where it was cut. */
export function cut(text, most) {
  const characters = new Characters(text);
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1))}…`;
}

export const number = (value) => value.toLocaleString("en-GB");
