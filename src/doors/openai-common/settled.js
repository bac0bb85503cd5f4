// The reader's text for those who can only append: what of it is settled and was not told yet.

/** Somebody has text that will not stand: what follows would be of another attempt. */
export class StreamRestarted extends Error {}

export class SettledText {
  #text = "";
  #chars = 0;
  /** Of the text, in UTF-16 units: what was given away, and how much of what stands is known to agree with it. */
  #sent = "";
  #agreed = 0;
  /** A place whose number of characters is known, so that nothing is counted twice. */
  #mark = { chars: 0, units: 0 };

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
    const kept = this.#units(from);
    this.#text = this.#text.slice(0, kept) + text;
    this.#chars = Math.min(from, this.#chars) + charsOf(text);
    this.#agreed = Math.min(this.#agreed, kept);
    return this.#give(this.#units(settled));
  }

  /** The rest, once the whole text is known. */
  finish(whole) {
    this.#text = whole;
    this.#chars = charsOf(whole);
    this.#agreed = 0;
    this.#mark = { chars: 0, units: 0 };
    if (whole.length < this.#sent.length) throw new StreamRestarted();
    return this.#give(whole.length);
  }

  #give(settled) {
    const shared = Math.min(settled, this.#sent.length);
    if (shared > this.#agreed) {
      if (this.#text.slice(this.#agreed, shared) !== this.#sent.slice(this.#agreed, shared))
        throw new StreamRestarted();
      this.#agreed = shared;
    }
    if (settled <= this.#sent.length) return "";
    const rest = this.#text.slice(this.#sent.length, settled);
    this.#sent += rest;
    this.#agreed = this.#sent.length;
    return rest;
  }

  /** Where the character with this number begins. */
  #units(chars) {
    if (chars >= this.#chars) return this.#text.length;
    if (this.#chars === this.#text.length) return chars;
    const from = this.#mark.chars <= chars ? this.#mark : { chars: 0, units: 0 };
    let { units } = from;
    for (let left = chars - from.chars; left > 0; left -= 1) units += this.#text.codePointAt(units) > 0xffff ? 2 : 1;
    this.#mark = { chars, units };
    return units;
  }
}

function charsOf(text) {
  let pairs = 0;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs += 1;
  return text.length - pairs;
}
