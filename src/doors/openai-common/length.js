// `max_tokens`: the visible answer ends there. What models count differs, and nobody here has their tokenizers, so that
// four bytes are a token, as for most English text. The run itself is asked for less from the beginning, so that its
// answer rather ends in time than being cut.

import { bytesOf } from "./requests.js";

const BYTES_PER_TOKEN = 4;
const WORDS_PER_TOKEN = 0.7;
/** What a run writes at most unless it is asked for more: a larger bound is no wish for a longer answer. */
const NORMAL_WORDS = 1_500;
/** The least that a run can be asked for. */
const WORDS_MIN = 50;

/** `options.length` for this bound. */
export function wordsFor(maxTokens) {
  const words = Math.floor((maxTokens ?? Infinity) * WORDS_PER_TOKEN);
  return words < NORMAL_WORDS ? { max_words: Math.max(WORDS_MIN, words) } : undefined;
}

/** Lets text through until the bound. */
export class Bound {
  #left;
  isReached = false;

  /** @param {number | undefined} maxTokens */
  constructor(maxTokens) {
    this.#left = (maxTokens ?? Infinity) * BYTES_PER_TOKEN;
  }

  /** As much of `text` as may still be shown. */
  take(text) {
    if (this.isReached) return "";
    const bytes = bytesOf(text);
    if (bytes <= this.#left) {
      this.#left -= bytes;
      return text;
    }
    this.isReached = true;
    const kept = new TextEncoder().encode(text).subarray(0, this.#left);
    // A character that is cut in two is left out.
    return new TextDecoder().decode(kept, { stream: true });
  }
}
