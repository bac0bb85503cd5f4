// The reader's text for those who can only append: what of it is settled and was not told yet.

/** Somebody has text that will not stand: what follows would be of another attempt. */
export class StreamRestarted extends Error {}

/** The text is `sent`, which was given away, and `rest`. Appending to either is cheap, however long they are. */
export class SettledText {
  #sent = "";
  #sentChars = 0;
  #rest = "";
  #restChars = 0;
  /** The text, where it went back behind what was sent, until it has come as far again. */
  #again = null;

  /** What was given away so far. */
  get sent() {
    return this.#sent;
  }

  /**
   * Takes an `answer` event, and gives what is settled now and was not given before. Characters are Unicode scalar
   * values there. Text that goes back is no harm as long as what comes instead is the same.
   *
   * @param {{ from: number, text: string, settled: number }} event
   */
  take({ from, text, settled }) {
    if (this.#again === null && from >= this.#sentChars) {
      const kept = from - this.#sentChars;
      if (kept >= this.#restChars) this.#rest += text;
      else {
        this.#rest = this.#rest.slice(0, unitsOf(this.#rest, kept)) + text;
        this.#restChars = kept;
      }
      this.#restChars += charsOf(text);
      return this.#give(settled - this.#sentChars);
    }
    const before = this.#again ?? this.#sent;
    this.#again = before.slice(0, unitsOf(before, from)) + text;
    const stands = this.#again.slice(0, unitsOf(this.#again, settled));
    if (stands.length < this.#sent.length) {
      if (!this.#sent.startsWith(stands)) throw new StreamRestarted();
      return "";
    }
    if (!stands.startsWith(this.#sent)) throw new StreamRestarted();
    this.#rest = this.#again.slice(this.#sent.length);
    this.#restChars = charsOf(this.#rest);
    this.#again = null;
    return this.#give(settled - this.#sentChars);
  }

  /** The rest, once the whole text is known. */
  finish(whole) {
    if (!whole.startsWith(this.#sent)) throw new StreamRestarted();
    const rest = whole.slice(this.#sent.length);
    this.#sent = whole;
    return rest;
  }

  /** So many characters of the rest. */
  #give(chars) {
    if (chars <= 0) return "";
    const units = chars >= this.#restChars ? this.#rest.length : unitsOf(this.#rest, chars);
    const given = this.#rest.slice(0, units);
    this.#rest = this.#rest.slice(units);
    const givenChars = Math.min(chars, this.#restChars);
    this.#restChars -= givenChars;
    this.#sent += given;
    this.#sentChars += givenChars;
    return given;
  }
}

/** Some readers of event streams take no line of more than 64 KiB. */
const PIECE_UNITS_MAX = 4_096;

/** The text in pieces for an event each, never cut within a character. */
export function* piecesOf(text) {
  for (let from = 0; from < text.length; ) {
    let to = from + PIECE_UNITS_MAX;
    if ((text.charCodeAt(to) & 0xfc00) === 0xdc00) to -= 1;
    yield text.slice(from, to);
    from = to;
  }
}

/** Where in the text the character with this number begins. */
function unitsOf(text, chars) {
  let units = 0;
  for (let left = chars; left > 0 && units < text.length; left -= 1) units += text.codePointAt(units) > 0xffff ? 2 : 1;
  return units;
}

function charsOf(text) {
  let pairs = 0;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs += 1;
  return text.length - pairs;
}
