// The `sequence_number` of each event of a response. A client resumes after one (`starting_after`), also after a crash
// of this server, and also with another server. So a number follows from the journal, and tells by itself what its
// client has:
//
//     sequence_number = J * 2^24 + X
//
// J is the `seq` of an event of the workflow's journal. A journal has far less than 2^29 of them, so that every number
// is below 2^53. X is a slot below 16, or 16 + E: the client has the answer's text up to its UTF-16 unit E. An answer
// is far shorter than 2^24 units. Numbers increase, with gaps.
//
//     J                                    X
//     workflow_queued                      CREATED, QUEUED
//     workflow_started                     IN_PROGRESS, REASONING, SUMMARY
//     an event that has words              WORDS
//     the mark (see narration.js)          MESSAGE, PART, then 16 + E for each piece of text
//     the end of the workflow              SUMMARY_TEXT_DONE ... TERMINAL

const SHIFT = 2 ** 24;
const TEXT = 16;

/** Each name is an event. MESSAGE and PART mean the same at a mark and at the end. */
export const SLOT = {
  CREATED: 0,
  QUEUED: 1,
  IN_PROGRESS: 2,
  REASONING: 3,
  SUMMARY: 4,
  WORDS: 5,

  SUMMARY_TEXT_DONE: 0,
  SUMMARY_DONE: 1,
  REASONING_DONE: 2,

  MESSAGE: 8,
  PART: 9,

  TEXT_DONE: 10,
  PART_DONE: 11,
  MESSAGE_DONE: 12,
  TERMINAL: 13,
};

export const ofSlot = (seq, slot) => seq * SHIFT + slot;

export const ofText = (seq, units) => seq * SHIFT + TEXT + units;

/** `{ seq, slot, units }` of a number: `slot` is null where it is text, and `units` is 0 where it is not. */
export function read(number) {
  const seq = Math.floor(number / SHIFT);
  const rest = number - seq * SHIFT;
  return rest < TEXT ? { seq, slot: rest, units: 0 } : { seq, slot: null, units: rest - TEXT };
}

/** The numbers that a client may name. */
export const isNumber = (value) => Number.isSafeInteger(value + 1) && value >= 0;
