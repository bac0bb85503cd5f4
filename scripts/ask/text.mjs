// Texts as a terminal may show them.

/** A model's text on one line and without control characters, which could move the cursor or worse. */
export function printable(text) {
  return text
    .replace(/\s+/g, " ")
    .replace(/\p{Cc}/gu, "")
    .trim();
}

/** Cut to a number of columns, in which characters of East Asian scripts and emoji take two. */
export function cut(text, columns) {
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += columnsOf(character);
    if (width > columns) return `${kept.slice(0, -1)}…`;
    kept += character;
  }
  return kept;
}

/** How many columns a text takes. */
export const widthOf = (text) => Array.from(text).reduce((sum, character) => sum + columnsOf(character), 0);

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u;

function columnsOf(character) {
  return WIDE.test(character) ? 2 : 1;
}

/** With a full stop where it has no end. */
export function sentence(text) {
  return /[.!?…]["')]?$/.test(text) ? text : `${text}.`;
}
