// The answer on stdout: as it is written on a terminal, and whole at the end anywhere else, because nothing can be
// taken back there.

/** A terminal gets no escape sequences, which a model may have been talked into. */
export const harmless = (text) => text.replace(/[^\P{Cc}\n\t]/gu, "");

/**
 * `update(event)` as the reader's answer goes on, `whole(answer)` at the end. `began()` is called before the first
 * character.
 */
export function makeAnswer(stream, began = () => {}) {
  return stream.isTTY ? new Streamed(stream, began) : new Whole(stream);
}

class Whole {
  streams = false;
  begun = false;

  constructor(stream) {
    this.stream = stream;
  }

  update() {}

  whole(answer) {
    this.stream.write(ended(answer));
  }
}

class Streamed {
  streams = true;
  /** What stands on the terminal, in characters as the server counts them (code points). */
  #shown = [];
  /** The reader's answer as it is told, also what is not settled and does not stand on the terminal yet. */
  #told = [];

  constructor(stream, began) {
    this.stream = stream;
    this.began = began;
  }

  get begun() {
    return this.#shown.length > 0;
  }

  /** Only what is settled is shown, because nothing can be taken back. */
  update({ from, text, settled }) {
    // What lies between was missed: a new stream, or the end, tells the whole.
    if (from > this.#told.length) return;
    this.#told.length = from;
    for (const character of text) this.#told.push(character);
    const known = Math.min(this.#shown.length, this.#told.length);
    const isAnother = this.#shown.slice(from, known).some((character, at) => character !== this.#told[from + at]);
    if (isAnother) this.#anew(BROKEN);
    this.#write(this.#told.slice(this.#shown.length, settled));
  }

  whole(answer) {
    const all = Array.from(answer);
    const isPrefix = this.#shown.length <= all.length && this.#shown.every((character, at) => character === all[at]);
    if (!isPrefix) this.#anew("the answer is another one");
    this.#write(all.slice(this.#shown.length));
    if (all.at(-1) !== "\n") this.stream.write("\n");
  }

  /** What stands there can't be taken back, so that it is told apart from what follows. */
  #anew(why) {
    if (this.#shown.length > 0) this.stream.write(`\n\n--- ${why} ---\n\n`);
    this.#shown = [];
  }

  #write(characters) {
    if (characters.length === 0) return;
    if (this.#shown.length === 0) this.began();
    for (const character of characters) this.#shown.push(character);
    this.stream.write(harmless(characters.join("")));
  }
}

const BROKEN = "the model broke off and begins anew";
const ended = (text) => (text.endsWith("\n") ? text : `${text}\n`);
