// Lengths as the server counts them: in Unicode scalar values, where JavaScript's strings count UTF-16 units.

/** The text of an attempt in flight, with its length in scalar values beside it. */
export interface LiveText {
  readonly text: string;
  readonly chars: number;
}

export const NOTHING: LiveText = { text: "", chars: 0 };

export function scalarCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

/** The first `chars` scalar values. */
export function scalarPrefix(text: string, chars: number): string {
  let at = 0;
  for (let count = 0; count < chars && at < text.length; count++) {
    at += isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1)) ? 2 : 1;
  }
  return text.slice(0, at);
}

/** The scalar values from `from` to before `to`; of a text that has fewer, those that there are. */
export function scalarSlice(text: string, from: number, to: number): string {
  // Most texts have no character of two units.
  if (!PAIR.test(text)) return text.slice(from, to);
  const start = scalarPrefix(text, from).length;
  return text.slice(start, start + scalarPrefix(text.slice(start), Math.max(0, to - from)).length);
}

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

/** Truncates to `from`, then appends. Null where there is a gap: `from` lies beyond what is known. */
export function splice(live: LiveText, from: number, text: string): LiveText | null {
  if (from > live.chars) return null;
  const kept = from === live.chars ? live.text : scalarPrefix(live.text, from);
  return { text: kept + text, chars: from + scalarCount(text) };
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
